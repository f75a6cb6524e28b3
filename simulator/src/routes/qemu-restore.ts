import { joinAwaitingPools } from "../access/pool-members.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import { isDriveName } from "../qemu/drives.ts";
import { newMachine, refuseUsedVmid, type MachinePlan } from "../qemu/new-machine.ts";
import { checkVolumeAccess } from "../qemu/permissions.ts";
import { refuseProtected } from "../qemu/remove-volume.ts";
import { readArchive, restoreMachine } from "../qemu/restore.ts";
import type { Guest } from "../state/guest.ts";

/** A restore, instead of a creation. */
export interface RestorePlan extends MachinePlan {
  readonly archive: string;
  readonly unique: boolean;
  readonly force: boolean;
}

/** Starts the task that restores a backup into a machine that is new, or that is overwritten. */
export function restoreBackup(plan: RestorePlan, context: Context): string {
  const { world, session } = context;
  const { node, vmid, storage, settings, archive, unique, force, finish } = plan;
  checkArchive(context, plan);
  const message = `unable to restore VM ${vmid} -`;
  const existing = world.state.guests[vmid];
  if (existing?.type !== "qemu" || existing.node !== node || !force) refuseUsedVmid(world, vmid, message);
  if (existing !== undefined) checkOverwrite(existing, message);
  else world.state.guests[vmid] = newMachine(node, vmid, {});
  joinAwaitingPools(world.state, `/vms/${vmid}`);
  const guest = world.guest("qemu", node, vmid);
  guest.config["lock"] = "create";
  return world.tasks.start({
    node,
    type: "qmrestore",
    id: vmid,
    session,
    seconds: 15,
    work: (log) => {
      const restored = world.guest("qemu", node, vmid);
      restoreMachine(world, restored, { archive, storage, unique, settings }, log);
      return finish(restored, log);
    },
    undo: () => {
      const left = world.state.guests[vmid];
      if (existing === undefined) Reflect.deleteProperty(world.state.guests, vmid);
      else if (left?.config["lock"] === "create") delete left.config["lock"];
    },
  });
}

function checkOverwrite(guest: Guest, message: string): void {
  const { lock } = guest.config;
  if (lock !== undefined) throw new ApiError(500, `${message} VM is locked (${lock})`);
  refuseProtected(guest, message.replace(/ -$/, ""));
  if (guest.status === "running") throw new ApiError(500, `${message} vm is running`);
}

/** A backup brings its own disks. */
function checkArchive(context: Context, { node, vmid, archive, settings }: RestorePlan): void {
  const drive = Object.keys(settings).find(isDriveName);
  if (drive !== undefined) throw invalidParameters({ [drive]: "option conflicts with option 'archive'" });
  if (archive === "-") throw new ApiError(500, "pipe requires cli environment");
  checkVolumeAccess(context, vmid, node, archive);
  readArchive(context.world, node, archive);
}
