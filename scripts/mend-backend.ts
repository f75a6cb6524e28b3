import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How long a file may be in the making. */
const patience = 10_000;

/**
 * Removes from a backend of files what a killed run has left of files that it was just writing, and returns what it
 * removed. The state is always whole: it is replaced by a rename. But the file of attributes beside it is not, and with half
 * of one the engine cannot read the state; and half of a lock is a lock that is never given back.
 */
export function mendBackend(backend: string | undefined, stack: string, now = Date.now()): string[] {
  const root = folderOf(backend);
  if (root === undefined) return [];
  const files = ["stacks", "locks"].flatMap((name) => filesBelow(join(root, ".pulumi", name)));
  const broken = files.filter((file) => {
    const [name = "", folder = ""] = file.split("/").reverse();
    if (folder !== stack && !name.startsWith(`${stack}.json`)) return false;
    if (name.endsWith(".attrs")) return !isWhole(file);
    return name.endsWith(".tmp") && now - statSync(file).mtimeMs > patience;
  });
  for (const file of broken) rmSync(file, { force: true });
  return broken;
}

/** The folder of a backend of files; undefined where it is another one. */
export function folderOf(backend: string | undefined): string | undefined {
  return backend?.startsWith("file://") === true ? fileURLToPath(backend.replace(/\?.*$/, "")) : undefined;
}

/** All files in a folder and those in it. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}
