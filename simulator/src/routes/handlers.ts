import type { Handlers } from "../handlers.ts";
import { accessHandlers } from "./access.ts";
import { backupJobHandlers } from "./backup-jobs.ts";
import { clusterHandlers } from "./cluster.ts";
import { firewallHandlers } from "./firewall.ts";
import { lxcHandlers } from "./lxc.ts";
import { nodeDiskHandlers } from "./node-disks.ts";
import { nodeNetworkHandlers } from "./node-network.ts";
import { nodeZfsHandlers } from "./node-zfs.ts";
import { nodeHandlers } from "./nodes.ts";
import { storageContentHandlers } from "./storage-content.ts";
import { storageHandlers } from "./storage.ts";
import { storageTransferHandlers } from "./storage-transfer.ts";
import { taskHandlers } from "./tasks.ts";
import { vzdumpHandlers } from "./vzdump.ts";

/** Everything that the simulator implements. */
export const handlers: Handlers = {
  ...accessHandlers,
  ...backupJobHandlers,
  ...clusterHandlers,
  ...firewallHandlers,
  ...lxcHandlers,
  ...nodeDiskHandlers,
  ...nodeNetworkHandlers,
  ...nodeHandlers,
  ...nodeZfsHandlers,
  ...storageContentHandlers,
  ...storageHandlers,
  ...storageTransferHandlers,
  ...taskHandlers,
  ...vzdumpHandlers,
};
