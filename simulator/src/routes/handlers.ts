import type { Handlers } from "../handlers.ts";
import { accessHandlers } from "./access.ts";
import { clusterHandlers } from "./cluster.ts";
import { lxcHandlers } from "./lxc.ts";
import { nodeDiskHandlers } from "./node-disks.ts";
import { nodeZfsHandlers } from "./node-zfs.ts";
import { nodeHandlers } from "./nodes.ts";
import { storageHandlers } from "./storage.ts";
import { taskHandlers } from "./tasks.ts";

/** Everything that the simulator implements. */
export const handlers: Handlers = {
  ...accessHandlers,
  ...clusterHandlers,
  ...lxcHandlers,
  ...nodeDiskHandlers,
  ...nodeHandlers,
  ...nodeZfsHandlers,
  ...storageHandlers,
  ...taskHandlers,
};
