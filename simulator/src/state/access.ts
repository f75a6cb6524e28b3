import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { ApiError } from "../api-error.ts";

/** Who makes a request. */
export interface Session {
  /** `root@pam`, or `root@pam!simulator` for a token. */
  readonly user: string;
}

/** The credentials of one simulator: root's password, one token, and the tickets given out. Privileges are not checked yet. */
export class Access {
  readonly username = "root@pam";
  readonly password = randomBytes(15).toString("base64url");
  readonly tokenId = "root@pam!simulator";
  readonly #secret = randomUUID();
  readonly #tickets = new Map<string, string>();

  /** The token as the Authorization header and clients take it. */
  get apiToken(): string {
    return `${this.tokenId}=${this.#secret}`;
  }

  /** Logs in with a password, or renews a ticket that is given as one. */
  login(username: string, password: string, realm?: string): { ticket: string; csrf: string; username: string } {
    const user = username.includes("@") ? username : `${username}@${realm ?? "pam"}`;
    const known = user === this.username && (same(password, this.password) || this.#tickets.has(password));
    if (!known) throw new ApiError(401, "authentication failure");
    const ticket = `PVE:${user}:${randomBytes(24).toString("base64url")}`;
    const csrf = `${Math.floor(Date.now() / 1000)
      .toString(16)
      .toUpperCase()}:${randomBytes(24).toString("base64url")}`;
    this.#tickets.set(ticket, csrf);
    return { ticket, csrf, username: user };
  }

  /** Finds out who makes a request, from its headers. */
  authenticate(method: string, headers: Readonly<Record<string, string | string[] | undefined>>): Session {
    const token = /^PVEAPIToken[= ](.+)$/.exec(headerText(headers["authorization"]))?.[1];
    if (token !== undefined) return this.#authenticateToken(token);
    const cookie = /(?:^|; ?)PVEAuthCookie=([^;]+)/.exec(headerText(headers["cookie"]))?.[1];
    if (cookie === undefined) throw new ApiError(401, "No ticket");
    const csrf = this.#tickets.get(decodeURIComponent(cookie));
    if (csrf === undefined) throw new ApiError(401, "permission denied - invalid PVE ticket");
    if (method !== "GET" && headerText(headers["csrfpreventiontoken"]) !== csrf) {
      throw new ApiError(401, "Permission denied - invalid csrf token");
    }
    return { user: this.username };
  }

  #authenticateToken(token: string): Session {
    const [id, secret] = [token.slice(0, token.indexOf("=")), token.slice(token.indexOf("=") + 1)];
    if (!/^[^\s@!]+@[^\s@!]+![^\s@!]+$/.test(id)) throw new ApiError(401, "no such user ('')");
    if (id !== this.tokenId)
      throw new ApiError(401, `no such token '${id.split("!")[1] ?? ""}' for user '${id.split("!")[0] ?? ""}'`);
    if (!same(secret, this.#secret)) throw new ApiError(401, "invalid token value!");
    return { user: id };
  }
}

function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? (value[0] ?? "") : (value ?? "");
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
