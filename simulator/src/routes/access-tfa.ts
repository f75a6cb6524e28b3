import { findOwn } from "../access/permissions.ts";
import { parseUserId } from "../access/users.ts";
import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";

/** Second factors: nobody has one here. */
export const accessTfaHandlers: Handlers = {
  "GET /access/tfa": () => [],
  "GET /access/tfa/{userid}": () => [],
  "GET /access/tfa/{userid}/{id}": ({ id }) => {
    throw new ApiError(404, `No such tfa entry '${id}'`);
  },
  "GET /access/users/{userid}/tfa": ({ userid, multiple }, { world }) => {
    const { realm: name } = parseUserId(userid);
    const realm = findOwn(world.state.access.realms, name);
    if (realm === undefined) throw new ApiError(500, `auth domain '${name}' does not exist`);
    const type = tfaTypeOf(realm);
    return { ...(type === undefined ? {} : { realm: type }), ...(multiple ? { types: [] } : {}) };
  },
  // Says whether the user was locked out.
  "PUT /access/users/{userid}/unlock-tfa": () => 0,
};

/** The second factor that a realm asks of its users. */
export function tfaTypeOf(realm: Readonly<Record<string, string>>): "oath" | "yubico" | undefined {
  const type = /(?:^|,)type=(oath|yubico)(?:,|$)/.exec(realm["tfa"] ?? "")?.[1];
  return type === "oath" || type === "yubico" ? type : undefined;
}
