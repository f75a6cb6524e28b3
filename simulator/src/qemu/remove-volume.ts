import { requireOnGuest } from "../guest/permissions.ts";
import { ApiError } from "../api-error.ts";
import { disksOf } from "../guest/features.ts";
import { freeUnlessUsed } from "../guest/linked-clones.ts";
import type { Context } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import { splitVolumeId } from "../world.ts";
import { ownsVolume } from "./pending.ts";

/** Removes the volume behind `unusedN` or `vmstate`, and its line. */
export function removeDetached(context: Context, guest: Guest, name: string, volumeId: string): void {
  const { world, session } = context;
  const { vmid, node, config } = guest;
  refuseProtected(
    guest,
    name === "vmstate" ? `can't remove vmstate '${volumeId}'` : `can't remove unused disk '${volumeId}'`,
  );
  if (name !== "vmstate") requireOnGuest(context, { vmid }, ["VM.Config.Disk"]);
  if (ownsVolume(world, guest, volumeId)) {
    world.require(session, `/storage/${splitVolumeId(volumeId).storage}`, "Datastore.AllocateSpace");
    if (isInUse(guest, volumeId)) {
      throw new ApiError(500, `unable to delete '${volumeId}' - volume is still in use (snapshot?)`);
    }
    freeUnlessUsed(world, node, volumeId);
  }
  Reflect.deleteProperty(config, name);
}

/**
 * Refuses to touch what protection is for.
 * @throws {ApiError} 500
 */
export function refuseProtected({ config }: Guest, what: string): void {
  if (config["protection"] === "1") throw new ApiError(500, `${what} - protection mode enabled`);
}

/** Whether a drive or a snapshot of a machine has a volume. */
function isInUse({ config, snapshots }: Guest, volumeId: string): boolean {
  return isInUseBy(config, volumeId) || isInSnapshot({ snapshots }, volumeId);
}

/** Whether a snapshot of a machine has a volume. */
export function isInSnapshot({ snapshots }: Pick<Guest, "snapshots">, volumeId: string): boolean {
  return Object.values(snapshots).some((snapshot) => isInUseBy(snapshot.config, volumeId));
}

function isInUseBy(config: Guest["config"], volumeId: string): boolean {
  return disksOf("qemu", config).some(({ volume }) => volume === volumeId);
}
