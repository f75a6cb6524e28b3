import { randomBytes, timingSafeEqual } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { AccessState, Session, User } from "../state/access.ts";

/** What a login gives. */
export interface Ticket {
  readonly username: string;
  readonly ticket: string;
  readonly csrf: string;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Tickets are valid for two hours: https://pve.proxmox.com/wiki/Proxmox_VE_API#Authentication */
const ticketLifetime = 7200;

/** The tickets that were given out: not part of the state, as a real node's don't survive new keys either. */
export class Tickets {
  readonly #tickets = new Map<string, { readonly user: string; readonly csrf: string; readonly issued: number }>();

  /** Logs in with a password, or renews a ticket that is given as one. */
  login(access: AccessState, now: number, username: string, password: string, realm?: string): Ticket {
    const user = username.includes("@") ? username : `${username}@${realm ?? "pam"}`;
    const known = access.users[user];
    const renewed = this.#tickets.get(password)?.user === user;
    if (known === undefined || !isUsable(known, now) || !(renewed || same(password, known.password))) {
      throw new ApiError(401, "authentication failure");
    }
    const stamp = now.toString(16).toUpperCase().padStart(8, "0");
    const ticket = `PVE:${user}:${stamp}::${randomBytes(64).toString("base64")}`;
    const csrf = `${stamp}:${randomBytes(32).toString("base64url")}`;
    this.#tickets.set(ticket, { user, csrf, issued: now });
    return { username: user, ticket, csrf };
  }

  /**
   * Finds out who makes a request, from its headers.
   * @throws {ApiError} 401
   */
  authenticate(access: AccessState, now: number, method: string, headers: Headers): Session {
    const token = /^PVEAPIToken[= ](.+)$/.exec(textOf(headers["authorization"]))?.[1];
    if (token !== undefined) return authenticateToken(access, now, token);
    const cookie = /(?:^|; ?)PVEAuthCookie=([^;]+)/.exec(textOf(headers["cookie"]))?.[1];
    if (cookie === undefined) throw new ApiError(401, "No ticket");
    const ticket = this.#tickets.get(decodeURIComponent(cookie));
    const user = ticket === undefined ? undefined : access.users[ticket.user];
    if (ticket === undefined || user === undefined || !isUsable(user, now) || now > ticket.issued + ticketLifetime) {
      throw new ApiError(401, "permission denied - invalid PVE ticket");
    }
    if (method !== "GET" && textOf(headers["csrfpreventiontoken"]) !== ticket.csrf) {
      throw new ApiError(401, "Permission denied - invalid csrf token");
    }
    return { user: ticket.user };
  }
}

function authenticateToken({ users }: AccessState, now: number, text: string): Session {
  const equals = text.indexOf("=");
  const [id, secret] = [text.slice(0, equals), text.slice(equals + 1)];
  const [userid = "", tokenid = ""] = id.split("!");
  if (!/^[^\s:/]+@[A-Za-z][\w.-]+$/.test(userid) || tokenid === "") {
    throw new ApiError(401, "value '' does not look like a valid user name");
  }
  const user = users[userid];
  if (user === undefined) throw new ApiError(401, `no such user ('${userid}')`);
  if (!user.enable) throw new ApiError(401, `user '${userid}' is disabled`);
  const token = user.tokens[tokenid];
  if (token === undefined) throw new ApiError(401, `no such token '${tokenid}' for user '${userid}'`);
  if (!isCurrent(user.expire, now)) throw new ApiError(401, "account expired");
  if (!isCurrent(token.expire, now)) throw new ApiError(401, `token '${tokenid}' access expired`);
  if (!same(secret, token.secret)) throw new ApiError(401, "invalid token value!");
  return { user: id };
}

function isUsable({ enable, expire }: User, now: number): boolean {
  return enable && isCurrent(expire, now);
}

function isCurrent(expire: number, now: number): boolean {
  return expire === 0 || now < expire;
}

function textOf(value: string | string[] | undefined): string {
  return Array.isArray(value) ? (value[0] ?? "") : (value ?? "");
}

function same(given: string, expected: string | undefined): boolean {
  if (expected === undefined) return false;
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
