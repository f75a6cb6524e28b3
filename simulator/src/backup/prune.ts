import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { markBackups, parseRetention } from "./retention.ts";

/** Which backups to prune. */
export interface Pruning {
  readonly node: string;
  readonly storage: string;
  readonly type: Guest["type"];
  readonly vmid: number;
  readonly retention: string;
}

/** Removes the backups of a guest that a retention does not keep; returns their names. */
export function pruneBackups(world: World, { node, storage, type, vmid, retention }: Pruning): string[] {
  const volumes = world.volumesOn(node, storage);
  const backups = Object.values(volumes).filter(
    (volume) => volume.content === "backup" && volume.vmid === vmid && volume.name.includes(`vzdump-${type}-`),
  );
  const marked = markBackups(backups, parseRetention(retention), world.node(node).timezone);
  const removed = marked.filter(({ mark }) => mark === "remove").map(({ backup }) => backup.name);
  for (const name of removed) Reflect.deleteProperty(volumes, name);
  return removed;
}
