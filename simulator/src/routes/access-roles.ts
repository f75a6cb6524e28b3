import { orFail } from "../access/failures.ts";
import { findOwn } from "../access/permissions.ts";
import { builtInRoles, privilegesOfRole } from "../access/roles.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { AccessState } from "../state/access.ts";

/** Roles: sets of privileges. */
export const accessRoleHandlers: Handlers = {
  "GET /access/roles": (_parameters, { world: { state } }) =>
    Object.keys({ ...builtInRoles, ...state.access.roles })
      .sort()
      .map((roleid) => ({
        roleid,
        privs: [...privilegesOfRole(state.access.roles, roleid)].sort().join(","),
        special: isBuiltIn(roleid) ? 1 : 0,
      })),
  "POST /access/roles": ({ roleid, privs }, { world: { state } }) => {
    if (/^PVE/i.test(roleid)) {
      throw invalidParameters({
        roleid: "cannot use role ID starting with the (case-insensitive) 'PVE' namespace",
      });
    }
    return orFail("create role failed", () => {
      if (exists(state.access, roleid)) throw new ApiError(500, `role '${roleid}' already exists`);
      state.access.roles[roleid] = [...new Set(splitList(privs))].sort();
      return null;
    });
  },
  "GET /access/roles/{roleid}": ({ roleid }, { world: { state } }) => {
    if (!exists(state.access, roleid)) throw new ApiError(500, `role '${roleid}' does not exist`);
    const held = [...privilegesOfRole(state.access.roles, roleid)].sort();
    return Object.fromEntries(held.map((privilege) => [privilege, 1 as const]));
  },
  "PUT /access/roles/{roleid}": ({ roleid, privs, append }, { world: { state } }) => {
    if (isBuiltIn(roleid)) throw new ApiError(500, `auto-generated role '${roleid}' cannot be modified`);
    return orFail("update role failed", () => {
      if (!exists(state.access, roleid)) throw new ApiError(500, `role '${roleid}' does not exist`);
      const kept = append ? (state.access.roles[roleid] ?? []) : [];
      state.access.roles[roleid] = [...new Set([...kept, ...splitList(privs)])].sort();
      return null;
    });
  },
  "DELETE /access/roles/{roleid}": ({ roleid }, { world: { state } }) => {
    if (isBuiltIn(roleid)) throw new ApiError(500, `auto-generated role '${roleid}' cannot be deleted`);
    return orFail("delete role failed", () => {
      if (!exists(state.access, roleid)) throw new ApiError(500, `role '${roleid}' does not exist`);
      Reflect.deleteProperty(state.access.roles, roleid);
      // A node drops the entries when it reads user.cfg again.
      state.access.acl = state.access.acl.filter((entry) => entry.roleid !== roleid);
      return null;
    });
  },
};

function isBuiltIn(roleid: string): boolean {
  return Object.hasOwn(builtInRoles, roleid);
}

function exists({ roles }: AccessState, roleid: string): boolean {
  return isBuiltIn(roleid) || findOwn(roles, roleid) !== undefined;
}
