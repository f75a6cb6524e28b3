import type { Deployment } from "../adopt/engine-files.ts";
import { typeOf } from "../adopt/sort-resources.ts";
import { readManaged } from "../doctor/managed.ts";
import { privilegeNeeds } from "../doctor/needs.ts";
import { deployRole, exporterRole, grantsFor, nodesRole } from "../doctor/roles.ts";
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
  readonly realms: ReadonlySet<string>;
  /** Besides those of Proxmox VE itself. */
  readonly roles: ReadonlySet<string>;
  /** As renderPermission has them. */
  readonly permissions: ReadonlySet<string>;
}

/** One entry of the access control list. */
interface Permission {
  readonly path: string;
  /** A user, a group or a token. */
  readonly ugid: string;
  readonly role: string;
  readonly propagate: boolean;
}

/** A permission as one text, by which two are compared. */
export function renderPermission({ path, ugid, role, propagate }: Permission): string {
  return [path, ugid, role, propagate ? "and below" : "alone"].join(" ");
}

/** What installers make, on any file system. */
const installerStorages = ["local", "local-lvm", "local-zfs"];

/** Gathers what belongs on the server. */
export function gatherKnown(exported: Deployment, plan: HomelabPlan, token: TokenId): Known {
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
      ...plan.storages.filter(({ origin }) => origin === "installer").map(({ name }) => name),
    ]),
    jobs: new Set(inputsOf(/^proxmoxve:backup\/job:/).map(({ resourceId }) => String(resourceId))),
    metricServers: new Set(inputsOf(/^proxmoxve:metrics\/server:/).map(({ name }) => String(name))),
    users: new Set(["root@pam", ...owners.map(({ user }) => user)]),
    tokens: new Set(owners.map(renderTokenId)),
    realms: new Set(["pam", "pve"]),
    roles: new Set([deployRole, nodesRole]),
    permissions: new Set(permissionsOf(plan, token).map(renderPermission)),
  };
}

/** What bootstrap gives, each to a token and its user. */
function permissionsOf(plan: HomelabPlan, deployer: TokenId): Permission[] {
  // The roles have other privileges in other versions, and are given on the same paths.
  const deployment = grantsFor(privilegeNeeds(plan, 9)).map((grant) => ({ ...grant, owner: deployer }));
  const given = [...deployment, { path: "/", role: exporterRole, propagate: true, owner: exporterToken }];
  return given.flatMap(({ owner, ...grant }) => [owner.user, renderTokenId(owner)].map((ugid) => ({ ...grant, ugid })));
}
