import { allocateVolume } from "../guest/volumes.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { isShared, splitVolumeId, type World } from "../world.ts";
import { memoryOf } from "./describe.ts";
import { drivesOf, isCdrom, volumeOf } from "./drives.ts";

/** Where the memory of a machine is written: the storage that its configuration names, or one that its disks are on. */
export function stateStorage(world: World, { config }: Guest): string {
  const named = config["vmstatestorage"];
  if (named !== undefined) return named;
  const storages = drivesOf(config)
    .filter(({ drive }) => !isCdrom(drive))
    .map(({ drive }) => volumeOf(drive))
    .filter((id) => id !== undefined)
    .map((id) => splitVolumeId(id).storage);
  const shared = storages.find(
    (name) => world.state.storages[name] !== undefined && isShared(world.state.storages[name]),
  );
  return shared ?? storages[0] ?? "local";
}

/** Writes the memory of a running machine for a snapshot; returns its volume's ID. */
export function saveState(world: World, guest: Guest, snapname: string, log: Log): string {
  const { node, vmid } = guest;
  const storage = stateStorage(world, guest);
  log(`saving VM state and RAM using storage '${storage}'`);
  // The memory is written while the machine goes on and changes it.
  const size = (memoryOf(guest) * 2 + 500) * 2 ** 20;
  const name = `state-${snapname}`;
  const id = allocateVolume(world, { node, storage, vmid, type: "qemu", size, format: "raw", name });
  log(`completed saving the VM state in 5s, saved ${(memoryOf(guest) * 0.4).toFixed(2)} MiB`);
  return id;
}
