import type { AccessState, AclEntry } from "../state/access.ts";

const name = String.raw`[A-Za-z0-9._-]+`;
const word = "[A-Za-z0-9]+";

/** What an entry may be about: https://pve.proxmox.com/wiki/User_Management#_objects_and_paths */
const paths: readonly RegExp[] = [
  "/",
  "/access",
  `/access/(groups|realm)(/${name})?`,
  `/nodes(/${name})?`,
  `/pool(/${name}){0,3}`,
  "/sdn",
  "/sdn/controllers(/[A-Za-z0-9_-]+)?",
  `/sdn/(dns|fabrics|ipams)(/${word})?`,
  `/sdn/(prefix-lists|route-maps)(/${name})?`,
  `/sdn/zones(/${name}){0,2}`,
  `/sdn/zones/${name}/${name}/[1-9][0-9]{0,3}`,
  `/storage(/${name})?`,
  "/vms(/[1-9][0-9]{2,})?",
  `/mapping(/${name}){0,2}`,
].map((pattern) => new RegExp(`^${pattern}$`));

/** A path in its one spelling; undefined where it can't be one. */
export function normalizePath(path: string): string | undefined {
  if (path === "") return undefined;
  const plain = path.replaceAll(/\/+/g, "/").replace(/\/$/, "");
  const absolute = plain.startsWith("/") ? plain : `/${plain}`;
  return /^[A-Za-z0-9._/-]+$/.test(absolute) ? absolute : undefined;
}

/** Whether something that privileges are checked on can be at a path. */
export function isAclPath(path: string): boolean {
  return paths.some((pattern) => pattern.test(path));
}

/** The entries as user.cfg has them: by path, as a tree is walked. */
export function sortedAcl({ acl }: AccessState): AclEntry[] {
  const types = ["user", "group", "token"];
  return acl.toSorted(
    (a, b) =>
      comparePaths(a.path, b.path) ||
      types.indexOf(a.type) - types.indexOf(b.type) ||
      compare(a.ugid, b.ugid) ||
      compare(a.roleid, b.roleid),
  );
}

/** Every path that has entries, and those above. */
export function aclTreePaths({ acl }: AccessState): string[] {
  const known = new Set(["/"]);
  for (const { path } of acl) {
    const parts = path.split("/").slice(1);
    parts.forEach((_, index) => known.add(`/${parts.slice(0, index + 1).join("/")}`));
  }
  return [...known].sort(comparePaths);
}

/** Forgets the entries on a path and below, when what is there goes away. */
export function removeAclOn(access: AccessState, path: string): void {
  access.acl = access.acl.filter((entry) => entry.path !== path && !entry.path.startsWith(`${path}/`));
}

/** Forgets the entries of a user, a group or a token. */
export function removeAclOf(access: AccessState, type: AclEntry["type"], ugid: string): void {
  access.acl = access.acl.filter((entry) => entry.type !== type || entry.ugid !== ugid);
}

function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  const index = left.findIndex((part, at) => part !== right[at]);
  return index < 0 ? left.length - right.length : compare(left[index] ?? "", right[index] ?? "");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
