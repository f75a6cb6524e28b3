import { ApiError } from "../api-error.ts";
import { ownerOf, type AccessState } from "../state/access.ts";
import type { ClusterState } from "../state/cluster.ts";
import { privileges, privilegesOfRole } from "./roles.ts";

/** The one whom nothing is refused. */
export const administrator = "root@pam";

/** Privileges, each with whether it goes on to the paths below: for information, as the evaluation goes by roles. */
export type Permissions = ReadonlyMap<string, boolean>;

type Roles = ReadonlyMap<string, boolean>;

const everything: Permissions = new Map(privileges.map((privilege) => [privilege, true]));

/** The privileges of a user or token on a path. */
export function permissionsOn(state: ClusterState, authId: string, path: string): Permissions {
  const user = ownerOf(authId);
  if (authId === administrator) return everything;
  if (authId === user) return privilegesOf(state, authId, path);
  const token = findOwn(findOwn(state.access.users, user)?.tokens ?? {}, authId.slice(user.length + 1));
  if (token === undefined) return new Map();
  const ofUser = permissionsOn(state, user, path);
  if (!token.privsep) return ofUser;
  const ofBoth = [...privilegesOf(state, authId, path)].flatMap(([privilege, propagate]) => {
    const userPropagates = ofUser.get(privilege);
    return userPropagates === undefined ? [] : [[privilege, userPropagates && propagate] as const];
  });
  return new Map(ofBoth);
}

/**
 * Refuses who lacks a privilege, as PVE::RPCEnvironment does.
 * @throws {ApiError} 403, with the path and the privileges that are missing there
 */
export function requirePrivileges(
  state: ClusterState,
  authId: string,
  path: string,
  wanted: readonly string[],
  any = false,
): void {
  const held = permissionsOn(state, authId, path);
  const missing = wanted.filter((privilege) => !held.has(privilege));
  if (any ? missing.length < wanted.length : missing.length === 0) return;
  throw permissionError(`${path}, ${any ? wanted.join("|") : (missing[0] ?? "")}`);
}

/** Whether someone has a privilege on a path. */
export function hasPrivilege(state: ClusterState, authId: string, path: string, privilege: string): boolean {
  return permissionsOn(state, authId, path).has(privilege);
}

/** A refusal in Proxmox's words. */
export function permissionError(what?: string): ApiError {
  return new ApiError(403, `Permission check failed${what === undefined ? "" : ` (${what})`}`);
}

/** An entry by a name that came from outside, which may be that of something every object has. */
export function findOwn<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function privilegesOf(state: ClusterState, authId: string, path: string): Permissions {
  const held = new Map<string, boolean>();
  for (const [role, propagate] of withPoolRoles(state, authId, path)) {
    for (const privilege of privilegesOfRole(state.access.roles, role)) {
      held.set(privilege, propagate || (held.get(privilege) ?? false));
    }
  }
  return held;
}

/** What is allowed on a pool is allowed on its members, but not below them; NoAccess wins, from wherever it comes. */
function withPoolRoles(state: ClusterState, authId: string, path: string): Roles {
  const roles = rolesOn(state.access, authId, path);
  if (roles.has("NoAccess")) return roles;
  const ofPool = poolsOf(state, path).flatMap((pool) => [...rolesOn(state.access, authId, `/pool/${pool}`).keys()]);
  if (ofPool.includes("NoAccess")) return new Map([["NoAccess", false]]);
  return new Map([...ofPool.map((role) => [role, false] as const), ...roles]);
}

/** The roles on a path: an entry further down replaces those above, and a user's own those of the groups. */
function rolesOn({ acl, groups }: AccessState, authId: string, path: string): Roles {
  const type = authId === ownerOf(authId) ? "user" : "token";
  let roles = new Map<string, boolean>();
  const levels = levelsOf(path);
  for (const [index, level] of levels.entries()) {
    const here = acl.filter((entry) => entry.path === level && (index === levels.length - 1 || entry.propagate));
    const own = here.filter((entry) => entry.type === type && entry.ugid === authId);
    const ofGroups = here.filter(
      (entry) => type === "user" && entry.type === "group" && findOwn(groups, entry.ugid)?.members.includes(authId),
    );
    const effective = own.length > 0 ? own : ofGroups;
    if (effective.length === 0) continue;
    roles = new Map();
    // Two groups may give the same role.
    for (const { roleid, propagate } of effective) roles.set(roleid, propagate || (roles.get(roleid) ?? false));
  }
  const noAccess = roles.get("NoAccess");
  return noAccess === undefined ? roles : new Map([["NoAccess", noAccess]]);
}

/** `/vms/100` → `/`, `/vms`, `/vms/100`; without the first slash nothing comes from `/`. */
function levelsOf(path: string): string[] {
  if (path === "/") return ["/"];
  const parts = path.replace(/\/+$/, "").split("/");
  return parts.map((part, index) => (part === "" ? "/" : joinPath(parts.slice(0, index + 1))));
}

function joinPath(parts: readonly string[]): string {
  return `/${parts.filter((part) => part !== "").join("/")}`;
}

function poolsOf({ guests, storages }: ClusterState, path: string): readonly string[] {
  const [, kind, id = ""] = /^\/(vms|storage)\/([^/]+)$/.exec(path) ?? [];
  if (kind === "storage") return findOwn(storages, id)?.pools ?? [];
  const pool = kind === "vms" ? findOwn(guests, id)?.pool : undefined;
  return pool === undefined ? [] : [pool];
}
