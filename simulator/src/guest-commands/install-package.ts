import type { FileSystem } from "../files/file-system.ts";
import { makeFolders } from "../shell/programs/make-folders.ts";
import { parseOwner, readAccounts, readGroups, writeAccounts, writeGroups } from "../shell/programs/accounts.ts";
import type { Package } from "./package-catalogue.ts";
import type { SystemSoftware } from "./system.ts";

/** Unpacks a package: its files, its user and its units are there afterwards, as far as they were not before. */
export function installPackage(
  files: FileSystem,
  system: SystemSoftware,
  { name, version, known }: { readonly name: string; readonly version: string; readonly known: Package | undefined },
): void {
  system.setPackage(name, version);
  if (known === undefined) return;
  if (known.user !== undefined) addSystemUser(files, known.user);
  for (const [path, attributes] of Object.entries(known.files ?? {})) putFile(files, path, attributes, name);
  for (const unit of known.units ?? []) {
    // An upgrade restarts what runs, and leaves alone what somebody has stopped or disabled.
    const before = system.units()[unit];
    system.setUnit(unit, before ?? { enabled: true, active: true });
  }
}

/** Files that are there stay as they are: somebody may have changed them. */
function putFile(files: FileSystem, path: string, attributes: string, name: string): void {
  const [owner = "root:root", mode = "0644"] = attributes.split(" ");
  const folder = path.endsWith("/");
  const place = folder ? path.slice(0, -1) : path;
  if (files.exists(place)) return;
  makeFolders(files, folder ? place : place.slice(0, place.lastIndexOf("/")) || "/");
  if (!folder) files.write(place, `# from the package ${name}\n`);
  files.change(place, { mode: Number.parseInt(mode, 8), ...parseOwner(files, owner) });
}

function addSystemUser(files: FileSystem, name: string): void {
  const accounts = readAccounts(files);
  if (accounts.some((account) => account.name === name)) return;
  const groups = readGroups(files);
  const taken = new Set([...accounts.map(({ uid }) => uid), ...groups.map(({ gid }) => gid)]);
  let id = 999;
  while (taken.has(id)) id--;
  const gid = groups.find((group) => group.name === name)?.gid ?? id;
  writeAccounts(files, [
    ...accounts,
    { name, uid: id, gid, comment: "", home: "/nonexistent", shell: "/usr/sbin/nologin" },
  ]);
  if (gid === id) writeGroups(files, [...groups, { name, gid, members: [] }]);
}
