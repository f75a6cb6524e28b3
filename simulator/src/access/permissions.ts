import { ApiError } from "../api-error.ts";
import type { Expression } from "../api/facts.ts";
import { splitList } from "../lists.ts";
import { ownerOf, type AccessState, type AclEntry } from "../state/access.ts";
import type { ClusterState } from "../state/cluster.ts";
import { builtInRoles, privileges } from "./roles.ts";

const administrator = "root@pam";

/** The privileges of a user or token on a path, each with whether it goes on to the paths below. */
export function permissionsOn(state: ClusterState, authId: string, path: string): ReadonlyMap<string, boolean> {
  const user = ownerOf(authId);
  const everything = new Map(privileges.map((privilege) => [privilege, true] as const));
  const ofUser = user === administrator ? everything : privilegesFrom(state, "user", user, path);
  if (authId === user) return ofUser;
  const token = state.access.users[user]?.tokens[authId.slice(user.length + 1)];
  if (token?.privsep !== true) return ofUser;
  const ofToken = privilegesFrom(state, "token", authId, path);
  return new Map([...ofToken].filter(([privilege]) => ofUser.has(privilege)));
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
  if (any ? wanted.some((privilege) => held.has(privilege)) : wanted.every((privilege) => held.has(privilege))) return;
  const missing = any ? wanted.join("|") : (wanted.find((privilege) => !held.has(privilege)) ?? "");
  throw permissionError(`${path}, ${missing}`);
}

/** Whether someone has a privilege on a path. */
export function hasPrivilege(state: ClusterState, authId: string, path: string, privilege: string): boolean {
  return permissionsOn(state, authId, path).has(privilege);
}

/** A refusal in Proxmox's words. */
export function permissionError(what?: string): ApiError {
  return new ApiError(403, `Permission check failed${what === undefined ? "" : ` (${what})`}`);
}

/**
 * Evaluates what the API schema says an endpoint asks for.
 * @throws {ApiError} 403
 */
export function checkExpression(
  state: ClusterState,
  authId: string,
  expression: Expression,
  parameters: Readonly<Record<string, unknown>>,
): void {
  const [operator, ...rest] = expression as readonly [string, ...unknown[]];
  const check = (part: unknown) => {
    checkExpression(state, authId, part as Expression, parameters);
  };
  switch (operator) {
    case "and":
      rest.forEach(check);
      return;
    case "or":
      checkAny(rest, check);
      return;
    case "perm":
      checkPerm(state, authId, rest, parameters);
      return;
    case "perm-modify":
      requirePrivileges(state, authId, fill(String(rest[0]), parameters), ["Permissions.Modify"]);
      return;
    case "userid-param":
      checkUserParameter(state, authId, String(rest[0]), String(parameters["userid"]));
      return;
    case "userid-group":
      checkUserGroups(state, authId, rest, parameters);
      return;
    default:
      throw new Error(`The API schema has a permission that is not known here: ${operator}.`);
  }
}

function checkAny(parts: readonly unknown[], check: (part: unknown) => void): void {
  let refusal: unknown;
  for (const part of parts) {
    try {
      check(part);
      return;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function checkPerm(
  state: ClusterState,
  authId: string,
  rest: readonly unknown[],
  parameters: Readonly<Record<string, unknown>>,
): void {
  const [path, wanted, ...options] = rest as [string, readonly string[], ...unknown[]];
  const option = (name: string) => {
    const index = options.indexOf(name);
    return index < 0 ? undefined : options[index + 1];
  };
  const required = option("require_param");
  if (typeof required === "string" && parameters[required] === undefined) throw permissionError();
  requirePrivileges(state, authId, fill(path, parameters), wanted, Boolean(option("any")));
}

function checkUserParameter(state: ClusterState, authId: string, what: string, userid: string): void {
  if (what === "self") {
    if (userid !== authId) throw permissionError();
    return;
  }
  const realm = userid.slice(userid.lastIndexOf("@") + 1);
  requirePrivileges(state, authId, `/access/realm/${realm}`, [what]);
}

/** `userid-group`: the privilege is held on /access/groups, or on a group that the user is or gets into. */
function checkUserGroups(
  state: ClusterState,
  authId: string,
  rest: readonly unknown[],
  parameters: Readonly<Record<string, unknown>>,
): void {
  const [wanted, ...options] = rest as [readonly string[], ...unknown[]];
  const held = (path: string) => {
    const permissions = permissionsOn(state, authId, path);
    return wanted.some((privilege) => permissions.has(privilege));
  };
  if (held("/access/groups")) return;
  const userid = String(parameters["userid"]);
  const given = typeof parameters["groups"] === "string" ? splitList(parameters["groups"]) : undefined;
  const creating = options.includes("create");
  const current = Object.keys(state.access.groups).filter((group) =>
    state.access.groups[group]?.members.includes(userid),
  );
  if (options.includes("groups_param") && given !== undefined) {
    if (!given.every((group) => held(`/access/groups/${group}`))) {
      throw permissionError(`/access/groups/${given[0] ?? ""}, ${wanted.join("|")}`);
    }
    if (creating) return;
  }
  if (!creating && current.some((group) => held(`/access/groups/${group}`))) return;
  throw permissionError(`/access/groups, ${wanted.join("|")}`);
}

function privilegesFrom(
  state: ClusterState,
  type: "user" | "token",
  authId: string,
  path: string,
): ReadonlyMap<string, boolean> {
  const held = new Map<string, boolean>();
  for (const [role, propagate] of rolesOn(state.access, type, authId, path)) {
    for (const privilege of state.access.roles[role] ?? builtInRoles[role] ?? []) {
      held.set(privilege, propagate || (held.get(privilege) ?? false));
    }
  }
  // What is allowed on a pool is allowed on its members.
  const pool = poolOf(state, path);
  if (pool !== undefined) {
    for (const [privilege, propagate] of privilegesFrom(state, type, authId, `/pool/${pool}`)) {
      if (!held.has(privilege)) held.set(privilege, propagate);
    }
  }
  return held;
}

/** The roles on a path: an entry further down replaces those above, and a user's own those of the groups. */
function rolesOn(
  { acl, groups }: AccessState,
  type: "user" | "token",
  authId: string,
  path: string,
): ReadonlyMap<string, boolean> {
  let roles = new Map<string, boolean>();
  for (const level of levelsOf(path)) {
    const here = acl.filter((entry) => entry.path === level && (level === path || entry.propagate));
    const own = here.filter((entry) => entry.type === type && entry.ugid === authId);
    const inherited =
      type === "user"
        ? here.filter((entry) => entry.type === "group" && groups[entry.ugid]?.members.includes(authId))
        : [];
    const effective: readonly AclEntry[] = own.length > 0 ? own : inherited;
    if (effective.length === 0) continue;
    const noAccess = effective.some(({ roleid }) => roleid === "NoAccess");
    roles = noAccess
      ? new Map([["NoAccess", true]])
      : new Map(effective.map(({ roleid, propagate }) => [roleid, propagate] as const));
  }
  return roles;
}

/** `/vms/100` → `/`, `/vms`, `/vms/100`. */
function levelsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
}

function poolOf({ guests, storages }: ClusterState, path: string): string | undefined {
  const [, kind, id = ""] = path.split("/");
  if (kind === "vms") return guests[id]?.pool;
  return kind === "storage" ? storages[id]?.pool : undefined;
}

/** `/vms/{vmid}` with the request's VMID. */
function fill(path: string, parameters: Readonly<Record<string, unknown>>): string {
  const text = (name: string) => (typeof parameters[name] === "string" ? parameters[name] : "");
  return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => text(name)).replace(/^\/*/, "/");
}
