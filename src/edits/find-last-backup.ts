import { z } from "zod";
import type { ReadApi } from "../proxmox/read-api.ts";
import type { BuiltGuest } from "../state/built.ts";

/** GET /nodes/{node}/storage?content=backup */
const BackupStorages = z.array(z.object({ storage: z.string() }));
/** GET /nodes/{node}/storage/{storage}/content?content=backup&vmid=… */
const Archives = z.array(z.object({ volid: z.string(), ctime: z.coerce.number() }));

/** Finds the last backup of a guest on all storages of its node: `last backup 2026-12-01 01:00 UTC on nas`. */
export async function findLastBackup(api: ReadApi, { node, vmid }: BuiltGuest): Promise<string> {
  const storages = await api.read(`/nodes/${node}/storage`, BackupStorages, { parameters: { content: "backup" } });
  if (storages.kind === "refused") return `last backup unknown (${storages.message})`;
  const found: { storage: string; ctime: number }[] = [];
  const unread: string[] = [];
  for (const { storage } of storages.value) {
    const parameters = { content: "backup", vmid: String(vmid) };
    const archives = await api.read(`/nodes/${node}/storage/${storage}/content`, Archives, { parameters });
    if (archives.kind === "refused") unread.push(storage);
    else found.push(...archives.value.map(({ ctime }) => ({ storage, ctime })));
  }
  const without = unread.length === 0 ? "" : ` (${unread.join(", ")} cannot be read)`;
  const last = found.sort((a, b) => b.ctime - a.ctime).at(0);
  if (last === undefined) return `no backup${without}`;
  return `last backup ${renderTime(last.ctime)} on ${last.storage}${without}`;
}

/** Seconds since 1970 as `2026-12-01 01:00 UTC`. */
function renderTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
