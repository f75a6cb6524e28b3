import type { EndpointFacts, Expression } from "../api/facts.ts";
import { splitList } from "../lists.ts";
import { ownerOf } from "../state/access.ts";
import type { ClusterState } from "../state/cluster.ts";
import { normalizePath } from "./acl.ts";
import { administrator, findOwn, permissionError, permissionsOn, requirePrivileges } from "./permissions.ts";
import { findUser, groupsInReach, isInReach, parseUserId } from "./users.ts";

/** Who asks for what. */
export interface Claim {
  readonly state: ClusterState;
  /** Empty where no one has logged in. */
  readonly authId: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * Refuses a request whose user may not make it, by what the API schema says, as PVE::RPCEnvironment does.
 * @throws {ApiError} 403; and 500 where a check finds that the user is not there whom a request is about
 */
export function authorize(claim: Claim, { user, check, ticketOnly }: EndpointFacts, path: string): void {
  const { authId } = claim;
  if (user === "world") return;
  if (ticketOnly && authId !== ownerOf(authId)) {
    throw permissionError(`URI '${path}' not available with API token, need proper ticket.\n`);
  }
  // Not so for a token of the administrator.
  if (authId === administrator || user === "all") return;
  if (check === undefined) throw permissionError("user != root@pam");
  holds(claim, check, false);
}

/** Whether one may change the permissions on a path: with the privilege for it, or by allocating what is there. */
export function mayModifyPermissions(state: ClusterState, authId: string, path: string): boolean {
  const held = permissionsOn(state, authId, path);
  return modifyingPrivileges(path).some((privilege) => held.has(privilege));
}

/** Evaluates a check. What does not hold is false where it is one of several, and otherwise refused. */
function holds(claim: Claim, expression: Expression, quiet: boolean): boolean {
  const [operator, ...rest] = expression as readonly [string, ...unknown[]];
  switch (operator) {
    case "and":
      // Not quiet, even in an "or": whoever fails a part of it learns which.
      return rest.every((part) => holds(claim, part as Expression, false));
    case "or":
      return rest.some((part) => holds(claim, part as Expression, true)) || refuse(quiet);
    case "perm":
      return holdsPrivileges(claim, rest, quiet);
    case "perm-modify":
      return mayModify(claim, String(rest[0]), quiet);
    case "userid-param":
      return isUser(claim, String(rest[0]), quiet);
    case "userid-group":
      return reachesUser(claim, rest, quiet);
    default:
      throw new Error(`The API schema has a permission that is not known here: ${operator}.`);
  }
}

function refuse(quiet: boolean, what?: string): false {
  if (quiet) return false;
  throw permissionError(what);
}

function holdsPrivileges({ state, authId, parameters }: Claim, rest: readonly unknown[], quiet: boolean): boolean {
  const [template, wanted, ...options] = rest as [string, readonly string[], ...unknown[]];
  const required = optionOf(options, "require_param");
  if (typeof required === "string" && parameters[required] === undefined) return refuse(quiet);
  const path = normalizePath(fill(template, parameters)) ?? "";
  return attempt(quiet, () => {
    requirePrivileges(state, authId, path, wanted, Boolean(optionOf(options, "any")));
  });
}

function mayModify({ state, authId, parameters }: Claim, template: string, quiet: boolean): boolean {
  const path = normalizePath(fill(template, parameters));
  // The endpoint itself says what is wrong with the path.
  if (path === undefined) return false;
  return attempt(quiet, () => {
    requirePrivileges(state, authId, path, modifyingPrivileges(path), true);
  });
}

function modifyingPrivileges(path: string): string[] {
  const kind = /^\/(storage|vms|pool)\/.+$/.exec(path)?.[1];
  const allocate = { storage: "Datastore.Allocate", vms: "VM.Allocate", pool: "Pool.Allocate" }[kind ?? ""];
  return ["Permissions.Modify", ...(allocate === undefined ? [] : [allocate])];
}

function isUser({ state, authId, parameters }: Claim, what: string, quiet: boolean): boolean {
  const { userid, realm } = parseUserId(textOf(parameters["userid"]));
  if (what === "self") {
    return attempt(quiet, () => {
      findUser(state.access, userid);
      if (userid !== authId) throw permissionError();
    });
  }
  return attempt(quiet, () => {
    requirePrivileges(state, authId, `/access/realm/${realm}`, [what]);
  });
}

/** `userid-group`: a privilege on all groups, or on one that the user is in and on those that the user gets into. */
function reachesUser({ state, authId, parameters }: Claim, rest: readonly unknown[], quiet: boolean): boolean {
  const [wanted, ...options] = rest as [readonly string[], ...unknown[]];
  const userid = textOf(parameters["userid"]);
  const change = optionOf(options, "groups_param");
  if (change !== "create") {
    if (quiet && findOwn(state.access.users, userid) === undefined) return false;
    findUser(state.access, userid);
  }
  const held = permissionsOn(state, authId, "/access/groups");
  if (wanted.some((privilege) => held.has(privilege))) return true;
  if (change !== undefined) {
    const given = splitList(textOf(parameters["groups"]));
    if (given.length === 0) throw permissionError(`/access/groups, ${wanted.join("|")}`);
    const reached = groupsInReach(state, authId, wanted);
    const missing = given.find((group) => !reached.includes(group));
    if (missing !== undefined) throw permissionError(`/access/groups/${missing}, ${wanted.join("|")}`);
  }
  return change === "create" || isInReach(state, authId, wanted, userid) || refuse(quiet);
}

function attempt(quiet: boolean, check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (quiet) return false;
    throw error;
  }
}

function optionOf(options: readonly unknown[], name: string): unknown {
  const index = options.indexOf(name);
  return index < 0 ? undefined : options[index + 1];
}

/** `/vms/{vmid}` with the request's VMID. */
function fill(template: string, parameters: Readonly<Record<string, unknown>>): string {
  return template.replaceAll(/\{([^}]+)\}/g, (_, name: string) => textOf(parameters[name]) || "-");
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
