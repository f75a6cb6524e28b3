import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { AccessState, Session } from "../state/access.ts";
import { findOwn } from "./permissions.ts";
import { checkUserEnabled, findToken, hasExpired, parseUserId, splitTokenId } from "./users.ts";

/** What a login gives. */
export interface Ticket {
  readonly ticket: string;
  /** Goes with every request of the ticket that is not a GET. */
  readonly csrf: string;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Tickets are valid for two hours, and clocks may differ by five minutes. */
const lifetime = 7200;
const grace = 300;

/** Signs tickets, and knows them again: they are no part of the state, as a real node's don't survive new keys either. */
export class Tickets {
  readonly #key = randomBytes(64);

  /** A ticket for a user who has proven to be one. */
  issue(userid: string, now: number): Ticket {
    const stamp = now.toString(16).toUpperCase().padStart(8, "0");
    const plain = `PVE:${userid}:${stamp}`;
    return { ticket: `${plain}::${this.#sign(plain)}`, csrf: `${stamp}:${this.#sign(`${stamp}:${userid}`)}` };
  }

  /** Whose a ticket is; undefined where it is none, or too old. */
  verify(ticket: string, now: number): string | undefined {
    const [, plain = "", userid, stamp = "", signature = ""] =
      /^(PVE:(\S+):([A-Z0-9]{8}))::([^:\s]+)$/.exec(ticket) ?? [];
    return isFresh(stamp, now) && same(signature, this.#sign(plain)) ? userid : undefined;
  }

  /**
   * Finds out who makes a request, from its headers.
   * @throws {ApiError} 401
   */
  authenticate(access: AccessState, now: number, method: string, headers: Headers): Session {
    try {
      return { user: this.#identify(access, now, method, headers) };
    } catch (error) {
      throw error instanceof ApiError ? new ApiError(401, error.message) : error;
    }
  }

  #identify(access: AccessState, now: number, method: string, headers: Headers): string {
    const authorization = textOf(headers["authorization"]);
    const ticket =
      credentialIn(textOf(headers["cookie"]), "PVEAuthCookie") ?? credentialIn(authorization, "PVEAuthCookie");
    if (ticket === undefined) {
      const token = credentialIn(authorization, "PVEAPIToken");
      if (token === undefined) throw new ApiError(401, "No ticket");
      return identifyToken(access, now, token);
    }
    const userid = this.verify(ticket, now);
    if (userid === undefined) throw new ApiError(401, "permission denied - invalid PVE ticket");
    checkUserEnabled(access, userid, now);
    if (method !== "GET") this.#checkCsrf(userid, now, textOf(headers["csrfpreventiontoken"]));
    return userid;
  }

  #checkCsrf(userid: string, now: number, token: string): void {
    const [, stamp = "", signature = ""] = /^([A-Z0-9]{8}):(\S+)$/.exec(token) ?? [];
    if (!isFresh(stamp, now) || !same(signature, this.#sign(`${stamp}:${userid}`))) {
      throw new ApiError(401, "Permission denied - invalid csrf token");
    }
  }

  #sign(text: string): string {
    return createHmac("sha512", this.#key).update(text).digest("base64");
  }
}

/** Whether a password is the user's. No directory and no provider can be asked here: seeds give their users passwords, too. */
export function checkPassword(access: AccessState, userid: string, password: string): boolean {
  const { realm } = parseUserId(userid);
  const type = findOwn(access.realms, realm)?.["type"];
  if (type === undefined) throw new ApiError(500, `auth domain '${realm}' does not exist`);
  if (type === "openid") throw new ApiError(500, "OpenID realm does not allow password verification.");
  const known = findOwn(access.users, userid)?.password;
  return known !== undefined && same(password, known);
}

function identifyToken(access: AccessState, now: number, text: string): string {
  const [, id, secret] = /^(.*)=(.*)$/.exec(text) ?? [];
  if (id === undefined || secret === undefined) throw new ApiError(401, "no tokenid specified");
  const { userid, tokenid } = splitTokenId(id);
  checkUserEnabled(access, userid, now);
  const token = findToken(access, userid, tokenid);
  if (hasExpired(token.expire, now)) throw new ApiError(401, `token '${tokenid}' access expired`);
  if (!same(secret, token.secret)) throw new ApiError(401, "invalid token value!");
  return id;
}

function isFresh(stamp: string, now: number): boolean {
  const age = now - Number.parseInt(stamp, 16);
  return age > -grace && age < lifetime;
}

/** `PVEAPIToken=…` or `PVEAPIToken …`, among others. */
function credentialIn(header: string, name: string): string | undefined {
  const value = new RegExp(String.raw`(?:^|\s)${name}(?:=| )([^;]*)`).exec(header)?.[1];
  if (value === undefined || value === "") return undefined;
  return value.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function textOf(value: string | string[] | undefined): string {
  return Array.isArray(value) ? (value[0] ?? "") : (value ?? "");
}

function same(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
