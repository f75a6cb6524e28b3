import { isAclPath, normalizePath, sortedAcl } from "../access/acl.ts";
import { mayModifyPermissions } from "../access/authorization.ts";
import { orFail } from "../access/failures.ts";
import { administrator, findOwn, permissionsOn, type Permissions } from "../access/permissions.ts";
import { builtInRoles, privilegesOfRole } from "../access/roles.ts";
import { findToken, parseUserId, splitTokenId } from "../access/users.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { AccessState, AclEntry } from "../state/access.ts";

/** The access control list. */
export const accessAclHandlers: Handlers = {
  "GET /access/acl": (_parameters, { world, session }) => {
    const audit = world.may(session, "/access", "Sys.Audit");
    return sortedAcl(world.state.access)
      .filter(({ path }) => audit || mayModifyPermissions(world.state, session.user, path))
      .map((entry) => ({ ...entry, propagate: entry.propagate ? 1 : 0 }));
  },
  "PUT /access/acl": (parameters, context) => {
    const change = readChange(parameters);
    orFail("ACL update failed", () => {
      changeAcl(change, context);
    });
    return null;
  },
};

interface Change {
  readonly path: string;
  readonly remove: boolean;
  readonly propagate: boolean;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly users: readonly string[];
  readonly tokens: readonly string[];
}

function readChange(parameters: Parameters<"PUT /access/acl">): Change {
  const { path: given, users, groups, tokens, roles, propagate = true, delete: remove = false } = parameters;
  if (!users && !groups && !tokens) {
    const problem = "either 'users', 'groups' or 'tokens' is required.";
    throw invalidParameters({ users: problem, groups: problem, tokens: problem });
  }
  const path = normalizePath(given);
  if (path === undefined || !(remove || isAclPath(path))) {
    throw invalidParameters({ path: `invalid ACL path '${given}'` });
  }
  return {
    path,
    remove,
    propagate,
    roles: splitList(roles),
    groups: splitList(groups),
    users: splitList(users),
    tokens: splitList(tokens),
  };
}

function changeAcl(change: Change, { world, session }: Context): void {
  const { access } = world.state;
  const held = permissionsOn(world.state, session.user, change.path);
  for (const role of change.roles) {
    if (findOwn(builtInRoles, role) === undefined && findOwn(access.roles, role) === undefined) {
      throw new ApiError(500, `role '${role}' does not exist`);
    }
    if (!held.has("Permissions.Modify")) checkHandedOut(change, role, held, access);
    for (const ugid of change.groups) {
      if (findOwn(access.groups, ugid) === undefined) throw new ApiError(500, `group '${ugid}' does not exist`);
      setEntry(access, change, { type: "group", ugid, roleid: role });
    }
    for (const ugid of change.users) {
      const { userid } = parseUserId(ugid);
      if (findOwn(access.users, userid) === undefined) throw new ApiError(500, `user '${userid}' does not exist`);
      // Not worth a line of user.cfg.
      if (userid !== administrator) setEntry(access, change, { type: "user", ugid, roleid: role });
    }
    for (const ugid of change.tokens) {
      const { userid, tokenid } = splitTokenId(ugid);
      findToken(access, userid, tokenid);
      setEntry(access, change, { type: "token", ugid, roleid: role });
    }
  }
}

/** Who allocates guests, storages or pools may hand out what they hold there themselves, and nothing else. */
function checkHandedOut({ remove, propagate }: Change, role: string, held: Permissions, { roles }: AccessState): void {
  const cannot = `Cannot ${remove ? "remove" : "add"} role '${role}'`;
  for (const privilege of privilegesOfRole(roles, role)) {
    const propagates = held.get(privilege);
    if (propagates === undefined) {
      throw invalidParameters({ role: `${cannot} - requires 'Permissions.Modify' or superset of privileges.` });
    }
    if (propagate && !propagates && !remove) {
      throw invalidParameters({
        role: `${cannot} with propagation - requires 'Permissions.Modify' or propagated superset of privileges.`,
      });
    }
  }
  if (role === "NoAccess") throw invalidParameters({ role: `${cannot} - requires 'Permissions.Modify'` });
}

function setEntry(
  access: AccessState,
  { path, remove, propagate }: Change,
  { type, ugid, roleid }: Pick<AclEntry, "type" | "ugid" | "roleid">,
): void {
  access.acl = access.acl.filter(
    (entry) => entry.path !== path || entry.type !== type || entry.ugid !== ugid || entry.roleid !== roleid,
  );
  if (!remove) access.acl.push({ path, type, ugid, roleid, propagate });
}
