import { z } from "zod";
import type { Drift } from "./drift.ts";
import { renderPermission, type Known } from "./known.ts";
import { cluster, look, needOf, unmanaged, type UnmanagedLook } from "./look-for-unmanaged.ts";
import type { ReadWholeList } from "./read-whole-lists.ts";

const flag = z.union([z.boolean(), z.coerce.number()]).transform(Boolean);
const Tokens = z.array(z.object({ tokenid: z.string() }));
/** Of a user who never had any token, they are null. */
const Users = z.array(z.object({ userid: z.string(), tokens: Tokens.nullish() }));
const Groups = z.array(z.object({ groupid: z.string(), users: z.string().default("") }));
const Realms = z.array(z.object({ realm: z.string(), type: z.string() }));
const Roles = z.array(z.object({ roleid: z.string(), privs: z.string().default(""), special: flag.default(false) }));
const Acl = z.array(
  z.object({ path: z.string(), ugid: z.string(), roleid: z.string(), propagate: flag.default(true) }),
);

const usersNeed = needOf("/access/groups", "Sys.Audit", "User.Modify");
const groupsNeed = needOf("/access/groups", "Sys.Audit", "User.Modify", "Group.Allocate");
const accessNeed = needOf("/access", "Sys.Audit");

/** Looks for who may come in and what they may do, as far as nobody knows of it. */
export function findUnmanagedAccess(known: Known, readAll: ReadWholeList): Promise<UnmanagedLook>[] {
  return [
    look("users and tokens", readAll("/access/users", Users, usersNeed, { full: "1" }), (all) =>
      all.flatMap((user) => describeUser(user, known)),
    ),
    look("groups", readAll("/access/groups", Groups, groupsNeed), (all) =>
      all.map(({ groupid, users }) => unmanaged(`group ${groupid}`, cluster, listed(users) || "empty")),
    ),
    look("realms", readAll("/access/domains", Realms), (all) =>
      all
        .filter(({ realm }) => !known.realms.has(realm))
        .map(({ realm, type }) => unmanaged(`realm ${realm}`, cluster, type)),
    ),
    look("roles", readAll("/access/roles", Roles), (all) =>
      all
        .filter(({ roleid, special }) => !special && !known.roles.has(roleid))
        .map(({ roleid, privs }) => unmanaged(`role ${roleid}`, cluster, listed(privs) || "without privileges")),
    ),
    look("permissions", readAll("/access/acl", Acl, accessNeed), (all) =>
      all
        .map(({ roleid, ...rest }) => ({ role: roleid, ...rest }))
        .filter((entry) => !known.permissions.has(renderPermission(entry)))
        .map(({ path, ugid, role, propagate }) =>
          unmanaged(`permission of ${ugid} on ${path}`, cluster, propagate ? `${role}, and below` : role),
        ),
    ),
  ];
}

function describeUser({ userid, tokens }: z.infer<typeof Users>[number], known: Known): Drift[] {
  return [
    ...(known.users.has(userid) ? [] : [unmanaged(`user ${userid}`, cluster, "there")]),
    ...(tokens ?? [])
      .map(({ tokenid }) => `${userid}!${tokenid}`)
      .filter((token) => !known.tokens.has(token))
      .map((token) => unmanaged(`token ${token}`, cluster, "there")),
  ];
}

function listed(names: string): string {
  return names.split(",").sort().join(", ");
}
