import type { SystemSoftware } from "../guest-commands/system.ts";
import type { FileSystem } from "../files/file-system.ts";
import type { GuestSystem } from "../state/guest.ts";
import { startTraefik, traefikNotes } from "./traefik.ts";

/** Lets a service that starts read its settings; tells what it says in the journal of what it finds. */
export function startService(files: FileSystem, system: SystemSoftware, unit: string): string[] {
  if (unit !== "traefik") return [];
  const start = startTraefik((path) => (files.exists(path) ? files.read(path).toString("utf8") : undefined));
  system.setTraefik(start);
  return traefikNotes(start);
}

/** Starts what is enabled, as a system does that comes up. */
export function startServices(inside: GuestSystem): void {
  for (const service of Object.values(inside.services)) service.active = service.enabled;
  if (inside.services["traefik"]?.active !== true) return;
  const start = startTraefik((path) => {
    const file = inside.files[path];
    return file === undefined ? undefined : Buffer.from(file.content, "base64").toString("utf8");
  });
  (inside.software ??= {}).traefik = start;
}
