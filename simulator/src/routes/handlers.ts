import type { Handlers } from "../handlers.ts";
import { accessHandlers } from "./access.ts";
import { acmeHandlers } from "./acme.ts";
import { acmeAccountHandlers } from "./acme-accounts.ts";
import { backupJobHandlers } from "./backup-jobs.ts";
import { clusterHandlers } from "./cluster.ts";
import { clusterBulkActionHandlers } from "./cluster-bulk-actions.ts";
import { clusterConfigHandlers } from "./cluster-config.ts";
import { clusterCpuModelHandlers } from "./cluster-cpu-models.ts";
import { clusterJobHandlers } from "./cluster-jobs.ts";
import { clusterOptionHandlers } from "./cluster-options.ts";
import { clusterResourceHandlers } from "./cluster-resources.ts";
import { firewallHandlers } from "./firewall.ts";
import { haHandlers } from "./ha.ts";
import { haRuleHandlers } from "./ha-rules.ts";
import { haStatusHandlers } from "./ha-status.ts";
import { lxcHandlers } from "./lxc.ts";
import { mappingHandlers } from "./mapping.ts";
import { metricsHandlers } from "./metrics.ts";
import { nodeAptHandlers } from "./node-apt.ts";
import { nodeCertificateHandlers } from "./node-certificates.ts";
import { nodeDiskHandlers } from "./node-disks.ts";
import { nodeHardwareHandlers } from "./node-hardware.ts";
import { nodeLogHandlers } from "./node-logs.ts";
import { nodeNetworkHandlers } from "./node-network.ts";
import { nodePowerHandlers } from "./node-power.ts";
import { nodeScanHandlers } from "./node-scan.ts";
import { nodeServiceHandlers } from "./node-services.ts";
import { nodeSettingsHandlers } from "./node-settings.ts";
import { nodeSubscriptionHandlers } from "./node-subscription.ts";
import { nodeZfsHandlers } from "./node-zfs.ts";
import { nodeHandlers } from "./nodes.ts";
import { notificationEndpointHandlers } from "./notification-endpoints.ts";
import { notificationHandlers } from "./notifications.ts";
import { poolHandlers } from "./pools.ts";
import { qemuHandlers } from "./qemu.ts";
import { replicationHandlers } from "./replication.ts";
import { sdnHandlers } from "./sdn.ts";
import { storageContentHandlers } from "./storage-content.ts";
import { storageHandlers } from "./storage.ts";
import { storageTransferHandlers } from "./storage-transfer.ts";
import { taskHandlers } from "./tasks.ts";
import { vzdumpHandlers } from "./vzdump.ts";

/** Everything that the simulator implements. */
export const handlers: Handlers = {
  ...accessHandlers,
  ...acmeAccountHandlers,
  ...acmeHandlers,
  ...backupJobHandlers,
  ...clusterBulkActionHandlers,
  ...clusterConfigHandlers,
  ...clusterCpuModelHandlers,
  ...clusterHandlers,
  ...clusterJobHandlers,
  ...clusterOptionHandlers,
  ...clusterResourceHandlers,
  ...firewallHandlers,
  ...haHandlers,
  ...haRuleHandlers,
  ...haStatusHandlers,
  ...lxcHandlers,
  ...mappingHandlers,
  ...metricsHandlers,
  ...nodeAptHandlers,
  ...nodeCertificateHandlers,
  ...nodeDiskHandlers,
  ...nodeHandlers,
  ...nodeHardwareHandlers,
  ...nodeLogHandlers,
  ...nodeNetworkHandlers,
  ...nodePowerHandlers,
  ...nodeScanHandlers,
  ...nodeServiceHandlers,
  ...nodeSettingsHandlers,
  ...nodeSubscriptionHandlers,
  ...nodeZfsHandlers,
  ...notificationEndpointHandlers,
  ...notificationHandlers,
  ...poolHandlers,
  ...qemuHandlers,
  ...replicationHandlers,
  ...sdnHandlers,
  ...storageContentHandlers,
  ...storageHandlers,
  ...storageTransferHandlers,
  ...taskHandlers,
  ...vzdumpHandlers,
};
