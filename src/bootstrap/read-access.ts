import { z } from "zod";
import { renderTokenId, type TokenId } from "../doctor/token.ts";
import type { AdminApi } from "./admin-api.ts";

const Roles = z.array(z.object({ roleid: z.string(), privs: z.string().default("") }));
const Users = z.array(z.object({ userid: z.string(), enable: z.coerce.number().default(1) }));
const Tokens = z.array(z.object({ tokenid: z.string(), privsep: z.coerce.number().default(1) }));
const Acl = z.array(
  z.object({
    path: z.string(),
    type: z.string(),
    ugid: z.string(),
    roleid: z.string(),
    propagate: z.coerce.number().default(1),
  }),
);

/** One entry of the access control list that gives one of our roles. */
export interface AclEntry {
  readonly path: string;
  readonly type: "token" | "user";
  readonly role: string;
  readonly propagate: boolean;
}

/** What there is already of what is to be set up. */
export interface ExistingAccess {
  /** The privileges of each of our roles that exists. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly user: "absent" | "disabled" | "enabled";
  readonly token: "absent" | "separated" | "unseparated";
  /** Of our user and token, with our roles. */
  readonly entries: readonly AclEntry[];
}

/** Reads what there is already. */
export async function readAccess(api: AdminApi, names: readonly string[], token: TokenId): Promise<ExistingAccess> {
  const ours = new Set<string>(names);
  const roles = await api.request(Roles, "GET", "/access/roles");
  const users = await api.request(Users, "GET", "/access/users");
  const acl = await api.request(Acl, "GET", "/access/acl");
  const user = users.find(({ userid }) => userid === token.user);
  const tokens = user === undefined ? [] : await api.request(Tokens, "GET", `/access/users/${token.user}/token`);
  const own = tokens.find(({ tokenid }) => tokenid === token.name);
  const owners = { user: token.user, token: renderTokenId(token) };
  return {
    roles: new Map(
      roles
        .filter(({ roleid }) => ours.has(roleid))
        .map(({ roleid, privs }) => [roleid, privs.split(",").filter((privilege) => privilege !== "")]),
    ),
    user: user === undefined ? "absent" : user.enable === 0 ? "disabled" : "enabled",
    token: own === undefined ? "absent" : own.privsep === 0 ? "unseparated" : "separated",
    entries: acl.flatMap(({ path, type, ugid, roleid, propagate }) =>
      (type === "user" || type === "token") && owners[type] === ugid && ours.has(roleid)
        ? [{ path, type, role: roleid, propagate: propagate !== 0 }]
        : [],
    ),
  };
}
