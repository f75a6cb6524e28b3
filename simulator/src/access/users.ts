import { ApiError } from "../api-error.ts";
import { ownerOf, type AccessState, type Token, type User } from "../state/access.ts";
import type { ClusterState } from "../state/cluster.ts";
import { findOwn, permissionsOn } from "./permissions.ts";

/** `name@realm`, apart. */
export interface UserId {
  readonly userid: string;
  readonly name: string;
  readonly realm: string;
}

/** Says what is wrong with a user's ID. */
export function userIdProblem(text: string): string | undefined {
  if (text.length < 3) return `user name '${text}' is too short`;
  if (text.length > 64) return `user name '${text}' is too long (${text.length} > 64)`;
  return userIdPattern.test(text) ? undefined : `value '${text}' does not look like a valid user name`;
}

const userIdPattern = /^([^\s:/]+)@([A-Za-z][A-Za-z0-9._-]+)$/;

/** Takes `name@realm` apart. */
export function parseUserId(text: string): UserId {
  const problem = userIdProblem(text);
  if (problem !== undefined) throw new ApiError(500, problem);
  const [userid = "", name = "", realm = ""] = userIdPattern.exec(text) ?? [];
  return { userid, name, realm };
}

/** The user as which someone is known who writes the name in a case of their own. */
export function lookUpUserId({ users, realms }: AccessState, userid: string): string {
  const realm = userIdPattern.exec(userid)?.[2] ?? "";
  if (findOwn(realms, realm)?.["case-sensitive"] !== "0") return userid;
  const matches = Object.keys(users).filter((known) => known.toLowerCase() === userid.toLowerCase());
  if (matches.length > 1) {
    throw new ApiError(500, `ambiguous case insensitive match of username '${userid}', cannot safely grant access!`);
  }
  return matches[0] ?? userid;
}

/** A user by ID. */
export function findUser({ users }: AccessState, userid: string): User {
  const user = findOwn(users, parseUserId(userid).userid);
  if (user === undefined) throw new ApiError(500, `no such user ('${userid}')`);
  return user;
}

/** Refuses those who may not log in. */
export function checkUserEnabled(access: AccessState, userid: string, now: number): void {
  const { enable, expire } = findUser(access, userid);
  if (!enable) throw new ApiError(500, `user '${userid}' is disabled`);
  if (hasExpired(expire, now)) throw new ApiError(500, `user '${userid}' access expired`);
}

/** Whether the time of an account or a token is over. */
export function hasExpired(expire: number, now: number): boolean {
  return expire !== 0 && expire < now;
}

/** A token by its owner and its name. */
export function findToken(access: AccessState, userid: string, tokenid: string): Token {
  const token = findOwn(findUser(access, userid).tokens, tokenid);
  if (token === undefined) throw new ApiError(500, `no such token '${tokenid}' for user '${userid}'`);
  return token;
}

/** `root@pam!simulator` → user and token. */
export function splitTokenId(text: string): { readonly userid: string; readonly tokenid: string } {
  const userid = ownerOf(text);
  if (userid === text || !userIdPattern.test(userid)) {
    throw new ApiError(500, `'${text}' is not a valid token ID - not able to split into user and token parts`);
  }
  return { userid, tokenid: text.slice(userid.length + 1) };
}

/** The groups that a user is in, by name. */
export function groupsOf({ groups }: AccessState, userid: string): string[] {
  return Object.keys(groups)
    .filter((group) => groups[group]?.members.includes(userid))
    .sort();
}

/** The groups on which someone has any of these privileges. */
export function groupsInReach(state: ClusterState, authId: string, privileges: readonly string[]): string[] {
  return Object.keys(state.access.groups).filter((group) => {
    const held = permissionsOn(state, authId, `/access/groups/${group}`);
    return privileges.some((privilege) => held.has(privilege));
  });
}

/** Whether someone has any of these privileges on a group that a user is in. */
export function isInReach(state: ClusterState, authId: string, privileges: readonly string[], userid: string): boolean {
  return groupsInReach(state, authId, privileges).some((group) => state.access.groups[group]?.members.includes(userid));
}
