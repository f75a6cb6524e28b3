import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { guestFileSystem } from "./guest-files.ts";
import { guestMounts } from "./guest-mounts.ts";
import { isMountUnit, mountNotes, startMountUnit } from "./mount-unit.ts";
import { softwareMemory } from "./software-memory.ts";

/** Starts the units that mount something, those of outer folders first. */
export function mountAtBoot(world: World, { vmid, inside }: Guest): void {
  const [files, mounts] = [guestFileSystem(world, vmid), guestMounts(world, vmid)];
  const memory = softwareMemory(world, () => inside);
  const units = Object.keys(inside.services).filter((name) => isMountUnit(name) && inside.services[name]?.enabled);
  for (const name of units.sort()) {
    const problem = startMountUnit(files, mounts, name);
    for (const line of mountNotes(files, name, problem)) memory.log(line);
    memory.setFailed(name, problem !== undefined);
    inside.services[name] = { enabled: true, active: problem === undefined };
  }
}
