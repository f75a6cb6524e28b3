import { removeAclOf } from "../access/acl.ts";
import { orFail } from "../access/failures.ts";
import { storePassword } from "../access/passwords.ts";
import { administrator, findOwn } from "../access/permissions.ts";
import { findUser, groupsOf, isInReach, lookUpUserId, parseUserId } from "../access/users.ts";
import { ApiError } from "../api-error.ts";
import type { Handlers, Parameters, Returns } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { AccessState, User } from "../state/access.ts";
import { describeToken, listTokens } from "./access-tokens.ts";

/** Users. */
export const accessUserHandlers: Handlers = {
  "GET /access/users": ({ enabled, full }, { world, session }) => {
    const { access } = world.state;
    const privileges = ["User.Modify", "Sys.Audit"];
    const all = world.may(session, "/access/groups", ...privileges);
    return Object.keys(access.users)
      .filter((userid) => all || userid === session.user || isInReach(world.state, session.user, privileges, userid))
      .filter((userid) => enabled === undefined || findUser(access, userid).enable === enabled)
      .sort()
      .map((userid) => listUser(access, userid, full ?? false)) as Returns<"GET /access/users">;
  },
  "POST /access/users": (parameters, { world }) =>
    orFail("create user failed", () => {
      createUser(world.state.access, parameters);
      return null;
    }),
  "GET /access/users/{userid}": ({ userid }, { world: { state } }) => {
    const user = findUser(state.access, userid);
    const tokens = Object.entries(user.tokens).map(([tokenid, token]) => [tokenid, describeToken(token)] as const);
    return {
      ...describeUser(user),
      groups: groupsOf(state.access, userid),
      // Not what the schema says, but what a node answers for a user who never had any.
      tokens: tokens.length === 0 ? null : Object.fromEntries(tokens),
    } as Returns<"GET /access/users/{userid}">;
  },
  "PUT /access/users/{userid}": ({ userid, append, groups, ...changes }, { world: { state } }) =>
    orFail("update user failed", () => {
      const user = findUser(state.access, userid);
      setFields(user, changes);
      if (groups !== undefined && !append) leaveGroups(state.access, userid);
      joinGroups(state.access, userid, groups);
      return null;
    }),
  // A user who is not there can be deleted: only the check before that looks.
  "DELETE /access/users/{userid}": ({ userid }, { world: { state } }) => {
    const { access } = state;
    const { password } = findOwn(access.users, userid) ?? {};
    for (const tokenid of Object.keys(findOwn(access.users, userid)?.tokens ?? {})) {
      removeAclOf(access, "token", `${userid}!${tokenid}`);
    }
    removeAclOf(access, "user", userid);
    leaveGroups(access, userid);
    Reflect.deleteProperty(access.users, userid);
    // The administrator comes back at once, bare; the password is Linux's.
    if (userid === administrator) {
      access.users[userid] = { enable: true, expire: 0, tokens: {}, ...(password === undefined ? {} : { password }) };
    }
    return null;
  },
};

type Fields = Pick<
  Parameters<"PUT /access/users/{userid}">,
  "comment" | "email" | "enable" | "expire" | "firstname" | "keys" | "lastname"
>;

const texts = ["comment", "email", "firstname", "keys", "lastname"] as const;

function createUser(
  access: AccessState,
  { userid: given, password, groups, ...fields }: Parameters<"POST /access/users">,
): void {
  const userid = lookUpUserId(access, parseUserId(given).userid);
  if (findOwn(access.users, userid) !== undefined) throw new ApiError(500, `user '${userid}' already exists`);
  access.users[userid] = { enable: true, expire: 0, tokens: {} };
  setFields(findUser(access, userid), fields);
  if (password !== undefined) storePassword(access, userid, password);
  joinGroups(access, userid, groups);
}

function setFields(user: User, { enable, expire, ...fields }: Fields): void {
  if (enable !== undefined) user.enable = enable;
  if (expire !== undefined) user.expire = expire;
  for (const name of texts) {
    const text = fields[name];
    if (text === "") Reflect.deleteProperty(user, name);
    else if (text !== undefined) user[name] = text;
  }
}

function joinGroups(access: AccessState, userid: string, groups: string | undefined): void {
  for (const name of splitList(groups)) {
    const group = findOwn(access.groups, name);
    if (group === undefined) throw new ApiError(500, `no such group '${name}'`);
    if (!group.members.includes(userid)) group.members.push(userid);
  }
}

function leaveGroups({ groups }: AccessState, userid: string): void {
  for (const group of Object.values(groups)) group.members = group.members.filter((member) => member !== userid);
}

function describeUser(user: User) {
  const { enable, expire, comment, keys } = user;
  const set = texts.flatMap((name) => (user[name] === undefined ? [] : [[name, user[name]] as const]));
  return {
    enable: enable ? (1 as const) : (0 as const),
    expire,
    // user.cfg separates by colons: an empty field is there when another one follows.
    ...(comment === undefined && keys === undefined ? {} : { email: "" }),
    ...Object.fromEntries(set),
  };
}

function listUser(access: AccessState, userid: string, full: boolean) {
  const user = findUser(access, userid);
  const type = findOwn(access.realms, parseUserId(userid).realm)?.["type"];
  const described = {
    userid,
    ...describeUser(user),
    ...(type === undefined ? {} : { "realm-type": type }),
  };
  if (!full) return described;
  const tokens = listTokens(user);
  return {
    ...described,
    groups: groupsOf(access, userid).join(","),
    tokens: tokens.length === 0 ? null : tokens,
  };
}
