import type { NodePlan } from "../plan/hosts.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import { listOf } from "./finding.ts";
import { deployRole, nodesRole, type RoleName } from "./roles.ts";

/** A privilege that the token must have on a path. */
export interface Need {
  readonly path: string;
  readonly privilege: string;
  /** Whether it has to go on to what is below the path. */
  readonly propagate: boolean;
  readonly role: RoleName;
  /** What fails without it: a half sentence after "needed to". */
  readonly why: string;
}

/** The privileges by what they are needed to do; on one path. */
type Reasons = Readonly<Record<string, string>>;

/**
 * Computes what the token of a stack must be allowed to do, from what the plan contains and nothing else.
 * @param major of Proxmox VE: the guest agent has a privilege of its own from 9 on
 */
export function privilegeNeeds(plan: HomelabPlan, major: number): Need[] {
  return [
    ...clusterNeeds(plan),
    ...plan.nodes.flatMap(nodeNeeds),
    ...networkNeeds(plan),
    ...storageNeeds(plan),
    ...guestNeeds(plan, major),
  ];
}

function clusterNeeds({ nodes, backups, machines, metricServer }: HomelabPlan): Need[] {
  const purposes = [
    "set the datacenter's firewall",
    ...(nodes.some(({ pools }) => pools.some(({ origin }) => origin === "create")) ? ["create ZFS pools"] : []),
    ...(backups.length > 0 ? ["create backup jobs"] : []),
    ...(machines.length > 0 ? ["set the start order of machines"] : []),
    ...(metricServer === undefined ? [] : ["tell nodes where to write what they measure"]),
  ];
  // With both of them nodes may download images, too.
  return needsOn("/", nodesRole, {
    "Sys.Audit": "read the state of the cluster, its pools and backup jobs",
    "Sys.Modify": listOf(purposes),
  });
}

function nodeNeeds({ name, bridges }: NodePlan): Need[] {
  const creates = bridges.some(({ origin }) => origin === "create");
  return needsOn(`/nodes/${name}`, nodesRole, {
    "Sys.Audit": "look at the node's disks, bridges and memory",
    "Sys.Modify": `say whether the firewall guards the node itself${creates ? ", and create bridges" : ""}`,
  });
}

/** By VLAN: no other network of a bridge is of any concern to the token. */
function networkNeeds({ containers, machines }: HomelabPlan): Need[] {
  const paths = [...containers, ...machines].map(
    ({ network: { bridge, vlan } }) => `/sdn/zones/localnetwork/${bridge}/${vlan}`,
  );
  return [...new Set(paths)]
    .sort()
    .flatMap((path) => needsOn(path, deployRole, { "SDN.Use": "attach guests to the network" }));
}

function storageNeeds(plan: HomelabPlan): Need[] {
  const { storages, images, machines } = plan;
  const creates = storages.some(({ origin }) => origin === "create");
  const snippets = machines.map(
    (machine) => (machine.kind === "cloud" ? machine.userData : machine.machineConfig).storage,
  );
  const guestStorages = new Set([
    ...[...plan.containers, ...machines].flatMap((guest) => guest.storages),
    ...machines.flatMap(({ efiDisk, cloudInitStorage }) => [efiDisk.storage, cloudInitStorage]),
  ]);
  const each = storages.flatMap(({ name, origin }) => {
    const holdsImages = images.some(({ storage }) => storage === name);
    const purposes = [
      ...(origin === "create" ? ["change the storage later"] : []),
      ...(snippets.includes(name) ? ["use snippets"] : []),
      ...(holdsImages ? ["remove images that are replaced"] : []),
    ];
    // Who may allocate a storage sees what is on it, too.
    const allocates = creates || purposes.length > 0;
    return needsOn(`/storage/${name}`, deployRole, {
      [allocates ? "Datastore.Allocate" : "Datastore.Audit"]: listOf([
        "see the storage and what is on it",
        ...purposes,
      ]),
      ...(holdsImages ? { "Datastore.AllocateTemplate": "download images" } : {}),
      ...(guestStorages.has(name) ? { "Datastore.AllocateSpace": "create the disks of guests" } : {}),
    });
  });
  if (!creates) return each;
  // What is given on a storage itself goes away with it, so that it could not be replaced: it has to come from above.
  const inherited = Object.fromEntries(each.map(({ privilege, why }) => [privilege, why]));
  return [...needsOn("/storage", deployRole, { ...inherited, "Datastore.Allocate": "create storages" }, true), ...each];
}

/** On all guests: what is given on one of them goes away with it, so that it could not be replaced. */
function guestNeeds({ containers, machines }: HomelabPlan, major: number): Need[] {
  if (containers.length + machines.length === 0) return [];
  const agent = major >= 9 ? "VM.GuestAgent.Audit" : "VM.Monitor";
  return needsOn(
    "/vms",
    deployRole,
    {
      "VM.Allocate": "create and remove guests",
      "VM.Audit": "see guests and their settings",
      "VM.Config.CPU": "give guests cores",
      "VM.Config.Disk": "give guests disks",
      "VM.Config.Memory": "give guests memory",
      "VM.Config.Network": "give guests networks and firewalls",
      "VM.Config.Options": "give guests names, tags and a start order",
      "VM.PowerMgmt": "start and stop guests",
      ...(machines.length === 0
        ? {}
        : {
            "VM.Config.CDROM": "change the drive of cloud-init",
            "VM.Config.Cloudinit": "set machines up by cloud-init",
            "VM.Config.HWType": "choose the hardware of machines",
          }),
      ...(machines.some((machine) => machine.agent) ? { [agent]: "learn the addresses of machines" } : {}),
    },
    true,
  );
}

function needsOn(path: string, role: RoleName, reasons: Reasons, propagate = false): Need[] {
  return Object.entries(reasons)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([privilege, why]) => ({ path, privilege, propagate, role, why }));
}
