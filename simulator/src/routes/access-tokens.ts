import { randomUUID } from "node:crypto";
import { removeAclOf } from "../access/acl.ts";
import { findOwn } from "../access/permissions.ts";
import { findToken, findUser } from "../access/users.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { Token, User } from "../state/access.ts";

/** API tokens. */
export const accessTokenHandlers: Handlers = {
  "GET /access/users/{userid}/token": ({ userid }, { world: { state } }) => listTokens(findUser(state.access, userid)),
  "GET /access/users/{userid}/token/{tokenid}": ({ userid, tokenid }, { world: { state } }) =>
    describeToken(findToken(state.access, userid, tokenid)),
  "POST /access/users/{userid}/token/{tokenid}": (
    { userid, tokenid, privsep = true, expire, comment },
    { world: { state } },
  ) => {
    const { tokens } = findUser(state.access, userid);
    if (findOwn(tokens, tokenid) !== undefined) throw invalidParameters({ tokenid: "Token already exists." });
    const secret = randomUUID();
    tokens[tokenid] = { secret, privsep, expire: expire ?? 0, ...(comment ? { comment } : {}) };
    return {
      info: {
        privsep: privsep ? 1 : 0,
        ...(expire === undefined ? {} : { expire }),
        ...(comment ? { comment } : {}),
      },
      value: secret,
      "full-tokenid": `${userid}!${tokenid}`,
    };
  },
  "PUT /access/users/{userid}/token/{tokenid}": (
    { userid, tokenid, privsep, expire, comment, delete: remove, regenerate },
    { world: { state } },
  ) => {
    const token = findToken(state.access, userid, tokenid);
    for (const name of splitList(remove)) forget(token, name);
    if (privsep !== undefined) token.privsep = privsep;
    if (expire !== undefined) token.expire = expire;
    if (comment) token.comment = comment;
    if (!regenerate) return describeToken(token);
    token.secret = randomUUID();
    return { ...describeToken(token), value: token.secret, "full-tokenid": `${userid}!${tokenid}` };
  },
  "DELETE /access/users/{userid}/token/{tokenid}": ({ userid, tokenid }, { world: { state } }) => {
    findToken(state.access, userid, tokenid);
    Reflect.deleteProperty(findUser(state.access, userid).tokens, tokenid);
    removeAclOf(state.access, "token", `${userid}!${tokenid}`);
    return null;
  },
};

/** A user's tokens, by name. */
export function listTokens({ tokens }: User) {
  return Object.entries(tokens)
    .map(([tokenid, token]) => ({ tokenid, ...describeToken(token) }))
    .sort((a, b) => (a.tokenid < b.tokenid ? -1 : 1));
}

/** A token as it may be seen: without its secret. */
export function describeToken({ privsep, expire, comment }: Token) {
  return { privsep: privsep ? (1 as const) : (0 as const), expire, ...(comment === undefined ? {} : { comment }) };
}

function forget(token: Token, name: string): void {
  if (name === "comment") delete token.comment;
  else if (name === "expire") token.expire = 0;
  else {
    throw new ApiError(
      501,
      `the simulator does not know 'delete=${name}' of PUT /access/users/{userid}/token/{tokenid} yet`,
    );
  }
}
