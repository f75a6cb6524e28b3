import type { Deployment } from "../adopt/engine-files.ts";
import { typeOf } from "../adopt/sort-resources.ts";
import { readManaged } from "../doctor/managed.ts";
import { renderTokenId, type TokenId } from "../doctor/token.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import { exporterToken } from "../plan/services/exporter-token.ts";

/** What belongs on the server: made by the stack, named by the inventory, or there in every Proxmox VE. */
export interface Known {
  readonly vmids: ReadonlySet<number>;
  /** Of them those whose firewall rules are a resource, where it is told what differs. */
  readonly guardedVmids: ReadonlySet<number>;
  readonly storages: ReadonlySet<string>;
  readonly jobs: ReadonlySet<string>;
  readonly metricServers: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
  /** `homelab@pve!homelab` */
  readonly tokens: ReadonlySet<string>;
}

/** What installers make, on any file system. */
const installerStorages = ["local", "local-lvm", "local-zfs"];

/** Gathers what belongs on the server. */
export function gatherKnown(exported: Deployment, { storages }: Pick<HomelabPlan, "storages">, token: TokenId): Known {
  const managed = readManaged(exported);
  const inputsOf = (type: RegExp) =>
    exported.deployment.resources.filter(({ urn }) => type.test(typeOf(urn))).map(({ inputs }) => inputs);
  const owners: readonly TokenId[] = [token, exporterToken];
  return {
    vmids: managed.vmids,
    guardedVmids: new Set(inputsOf(/:RulesLegacy$/).map(({ vmId, containerId }) => Number(vmId ?? containerId))),
    storages: new Set([
      ...installerStorages,
      ...managed.storages,
      ...storages.filter(({ origin }) => origin === "installer").map(({ name }) => name),
    ]),
    jobs: new Set(inputsOf(/^proxmoxve:backup\/job:/).map(({ resourceId }) => String(resourceId))),
    metricServers: new Set(inputsOf(/^proxmoxve:metrics\/server:/).map(({ name }) => String(name))),
    users: new Set(["root@pam", ...owners.map(({ user }) => user)]),
    tokens: new Set(owners.map(renderTokenId)),
  };
}
