import { disksOf } from "../guest/features.ts";
import type { Guest } from "../state/guest.ts";
import { splitVolumeId, type World } from "../world.ts";

/**
 * The volumes of a guest that go to other nodes: all but those that are excepted.
 * @throws {Error} where one is on a storage that can't send snapshots
 */
export function replicatableVolumes(world: World, guest: Guest): string[] {
  return disksOf(guest.type, guest.config)
    .filter(({ key, volume }) => !volume.startsWith("/") && !/(?:^|,)replicate=0/.test(guest.config[key] ?? ""))
    .map(({ volume }) => {
      const { type } = world.storage(guest.node, splitVolumeId(volume).storage);
      if (type !== "zfspool") throw new Error(`missing replicate feature on volume '${volume}'`);
      return volume;
    });
}
