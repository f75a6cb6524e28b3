import { removeAclOn } from "../access/acl.ts";
import { ApiError } from "../api-error.ts";
import { freeUnlessUsed } from "../guest/linked-clones.ts";
import { volumesOfGuest } from "../guest/volumes.ts";
import { sidOf } from "../ha/state.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import type { World } from "../world.ts";
import { removeDisks } from "./disks.ts";
import { bringDown, type Actor, type Target } from "./life.ts";

/** `DELETE /nodes/{node}/lxc/{vmid}` */
export function destroyContainer(
  {
    node,
    vmid,
    force = false,
    purge = false,
    "destroy-unreferenced-disks": all = false,
  }: Target & {
    readonly force?: boolean;
    readonly purge?: boolean;
    readonly "destroy-unreferenced-disks"?: boolean;
  },
  { world, session }: Actor,
): string {
  checkDestruction(world, world.guest("lxc", node, vmid), { force, purge });
  return world.tasks.start({
    node,
    type: "vzdestroy",
    id: vmid,
    session,
    seconds: 3,
    work: (log) => {
      const guest = world.guest("lxc", node, vmid);
      checkDestruction(world, guest, { force, purge });
      if (guest.status === "running") {
        log(`forced to stop CT ${vmid} before destroying!`);
        bringDown(guest);
      }
      removeDisks(world, guest, pendingVolumes(guest));
      removeDisks(world, guest, guest.config);
      if (all) for (const { id } of volumesOfGuest(world, guest)) freeUnlessUsed(world, node, id);
      removeAclOn(world.state.access, `/vms/${vmid}`);
      if (purge) purgeReferences(world, guest, log);
      Reflect.deleteProperty(world.state.guests, vmid);
      return undefined;
    },
  });
}

function checkDestruction(
  world: World,
  guest: Guest,
  { force, purge }: { readonly force: boolean; readonly purge: boolean },
): void {
  const { vmid, status, config } = guest;
  if (config["protection"] === "1") throw new ApiError(500, `can't remove CT ${vmid} - protection mode enabled`);
  if (config["lock"] !== undefined) throw new ApiError(500, `CT is locked (${config["lock"]})`);
  const { haResources, replicationJobs } = world.state.sections;
  if (!purge) {
    if (haResources[sidOf(guest)] !== undefined) {
      throw new ApiError(500, `unable to remove CT ${vmid} - used in HA resources and purge parameter not set.`);
    }
    const job = Object.keys(replicationJobs).find((id) => id.startsWith(`${vmid}-`));
    if (job !== undefined) {
      throw new ApiError(500, `There is a replication job '${job}' for guest '${vmid}' - Please remove that first.`);
    }
  }
  if (status === "running" && !force) throw new ApiError(500, `unable to destroy CT ${vmid} - container is running`);
}

function pendingVolumes({ pending }: Guest): Section {
  const set = Object.entries(pending).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(set);
}

function purgeReferences(world: World, guest: Guest, log: Log): void {
  const { vmid } = guest;
  const { backupJobs, haResources, replicationJobs } = world.state.sections;
  log(`purging CT ${vmid} from related configurations..`);
  for (const id of Object.keys(replicationJobs)) {
    if (id.startsWith(`${vmid}-`)) Reflect.deleteProperty(replicationJobs, id);
  }
  for (const [id, job] of Object.entries(backupJobs)) {
    if (job["vmid"] !== undefined) {
      const left = splitList(job["vmid"]).filter((other) => other !== String(vmid));
      if (left.length === 0) Reflect.deleteProperty(backupJobs, id);
      else job["vmid"] = left.join(",");
    } else if (job["exclude"] !== undefined) {
      const left = splitList(job["exclude"]).filter((other) => other !== String(vmid));
      if (left.length === 0) delete job["exclude"];
      else job["exclude"] = left.join(",");
    }
  }
  if (haResources[sidOf(guest)] === undefined) return;
  Reflect.deleteProperty(haResources, sidOf(guest));
  log(`NOTE: removed CT ${vmid} from HA resource configuration.`);
}
