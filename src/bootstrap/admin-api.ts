import { z } from "zod";
import { ProxmoxError, send, type ApiRequest, type Connection } from "../proxmox/send.ts";
import { BootstrapError } from "./bootstrap-error.ts";

const Ticket = z.object({
  ticket: z.string(),
  CSRFPreventionToken: z.string(),
  NeedTFA: z.coerce.number().default(0),
});

/** Makes requests as someone who has logged in with a password. */
export class AdminApi {
  readonly #connection: Connection;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(connection: Connection, { ticket, CSRFPreventionToken }: z.infer<typeof Ticket>) {
    this.#connection = connection;
    this.#headers = {
      cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}`,
      csrfpreventiontoken: CSRFPreventionToken,
    };
  }

  /**
   * Logs in.
   * @throws {BootstrapError} where the password is wrong, or something besides is asked for
   */
  static async logIn(connection: Connection, username: string, password: string): Promise<AdminApi> {
    const answer = await send(connection, {
      method: "POST",
      path: "/access/ticket",
      parameters: { username, password },
    }).catch((error: unknown) => {
      if (!(error instanceof ProxmoxError) || error.status !== 401) throw error;
      throw new BootstrapError(`Proxmox VE does not let ${username} in with this password: ${error.message}.`);
    });
    return AdminApi.of(connection, username, answer);
  }

  /** Goes on with what a login has answered. */
  static of(connection: Connection, username: string, answer: unknown): AdminApi {
    const ticket = Ticket.parse(answer);
    if (ticket.NeedTFA === 0) return new AdminApi(connection, ticket);
    throw new BootstrapError(
      `${username} has a second factor, which cannot be asked for here. Do it by hand: npm run bootstrap -- --dry-run prints the commands.`,
    );
  }

  /** Makes one request, and checks what comes back. */
  async request<T>(
    schema: z.ZodType<T>,
    method: ApiRequest["method"],
    path: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    return schema.parse(await send(this.#connection, { method, path, parameters, headers: this.#headers }));
  }
}
