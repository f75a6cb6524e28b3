import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What a file is called while it is written. */
export const unfinished = ".new";

/** Writes a file that only its owner may read: whatever happens meanwhile, the whole old one or the whole new one is there. */
export function writeDurably(path: string, text: string): void {
  const temporary = path + unfinished;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Makes sure that the names in a folder survive a power failure. */
export function syncFolder(path: string): void {
  // Windows cannot open folders, and does without.
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
