import { removeAclOn } from "../access/acl.ts";
import { ApiError } from "../api-error.ts";
import { isBase } from "../guest/features.ts";
import { clonesOf } from "../guest/linked-clones.ts";
import { freeVolume, volumesOfGuest } from "../guest/volumes.ts";
import type { Context, Parameters } from "../handlers.ts";
import { drivesOf, isCdrom, isCloudInit, volumeOf } from "../qemu/drives.ts";
import { ownsVolume } from "../qemu/pending.ts";
import { requireRootFor } from "../qemu/permissions.ts";
import { refuseProtected } from "../qemu/remove-volume.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId, type World } from "../world.ts";

type DestroyParameters = Parameters<"DELETE /nodes/{node}/qemu/{vmid}">;

/** `DELETE /nodes/{node}/qemu/{vmid}` */
export function destroyMachine(parameters: DestroyParameters, context: Context): string {
  const { node, vmid, purge = false, skiplock = false, "destroy-unreferenced-disks": all = false } = parameters;
  const { world, session } = context;
  requireRootFor(context, { skiplock });
  checkDestroy(world, world.guest("qemu", node, vmid), purge);
  return world.tasks.start({
    node,
    type: "qmdestroy",
    id: vmid,
    session,
    seconds: 3,
    work: (log) => {
      const guest = world.guest("qemu", node, vmid);
      checkDestroy(world, guest, purge);
      const { lock } = guest.config;
      if (lock !== undefined && lock !== "suspended" && !skiplock) throw new ApiError(500, `VM is locked (${lock})`);
      refuseUsedBases(world, guest);
      removeVolumes(world, guest, all, log);
      removeAccess(world, vmid);
      if (purge) removeFromJobs(world, vmid, log);
      Reflect.deleteProperty(world.state.guests, vmid);
      return undefined;
    },
  });
}

function checkDestroy({ state }: World, guest: Guest, purge: boolean): void {
  const { vmid, status } = guest;
  refuseProtected(guest, `can't remove VM ${vmid}`);
  if (!purge) {
    if (state.sections.haResources[`vm:${vmid}`] !== undefined) {
      throw new ApiError(500, `unable to remove VM ${vmid} - used in HA resources and purge parameter not set.`);
    }
    const replicated = Object.keys(state.sections.replicationJobs).some((id) => id.startsWith(`${vmid}-`));
    if (replicated) throw new ApiError(500, "There is a replication job for this guest. Please remove that first.");
  }
  if (status === "running") throw new ApiError(500, `VM ${vmid} is running - destroy failed`);
}

function refuseUsedBases(world: World, guest: Guest): void {
  for (const id of referencedVolumes(guest)) {
    if (!isBase(id) || clonesOf(world, guest.node, id).length === 0) continue;
    throw new ApiError(500, `base volume '${id}' is still in use by linked cloned`);
  }
}

/** Removes the volumes that the configuration names, or all that carry the VMID. */
function removeVolumes(world: World, guest: Guest, all: boolean, log: Log): void {
  const named = referencedVolumes(guest).filter((id) => ownsVolume(world, guest, id));
  const carried = all ? volumesOfGuest(world, guest).map(({ id }) => id) : [];
  for (const id of new Set([...named, ...carried])) {
    freeVolume(world, guest.node, id);
    log(`removing volume '${splitVolumeId(id).name}'`);
  }
}

function referencedVolumes({ config, pending, snapshots }: Guest): string[] {
  const states = Object.values(snapshots).flatMap((snapshot) => snapshot.config["vmstate"] ?? []);
  const waiting = Object.entries(pending).filter((entry): entry is [string, string] => entry[1] !== null);
  return [...volumesIn(config), ...volumesIn(Object.fromEntries(waiting)), ...states];
}

function volumesIn(config: Section): string[] {
  const drives = drivesOf(config)
    .filter(({ drive }) => !isCdrom(drive) || isCloudInit(drive))
    .map(({ drive }) => volumeOf(drive))
    .filter((id) => id !== undefined);
  const others = Object.entries(config).filter(([name]) => /^unused\d+$/.test(name) || name === "vmstate");
  return [...drives, ...others.map(([, id]) => id)];
}

/** Nobody has rights on a machine that is no more. */
function removeAccess({ state }: World, vmid: number): void {
  removeAclOn(state.access, `/vms/${vmid}`);
}

function removeFromJobs({ state: { sections } }: World, vmid: number, log: Log): void {
  log(`purging VM ${vmid} from related configurations..`);
  for (const [id, job] of Object.entries(sections.backupJobs)) {
    const members = job["vmid"]?.split(",");
    if (!members?.includes(String(vmid))) continue;
    const left = members.filter((member) => member !== String(vmid));
    if (left.length === 0) Reflect.deleteProperty(sections.backupJobs, id);
    else job["vmid"] = left.join(",");
  }
  for (const id of Object.keys(sections.replicationJobs)) {
    if (id.startsWith(`${vmid}-`)) Reflect.deleteProperty(sections.replicationJobs, id);
  }
  if (sections.haResources[`vm:${vmid}`] === undefined) return;
  Reflect.deleteProperty(sections.haResources, `vm:${vmid}`);
  log(`NOTE: removed VM ${vmid} from HA resource configuration.`);
}
