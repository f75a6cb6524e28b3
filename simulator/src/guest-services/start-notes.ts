import type { FileSystem } from "../files/file-system.ts";
import { traefikNotes } from "./traefik.ts";

/** What a service that has just started says in the journal of what it finds. */
export function startNotes(files: FileSystem, unit: string): string[] {
  return unit === "traefik" ? traefikNotes(files) : [];
}
