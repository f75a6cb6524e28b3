import type { z } from "zod";
import { ProxmoxError, send, type Connection } from "./send.ts";

/** Why something could not be read; the status is 0 where there was no answer, or none that makes sense. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** What came of a reading: what the server said, or why it did not. */
export type Reading<T> = { readonly kind: "read"; readonly value: T } | ({ readonly kind: "refused" } & Refusal);

/** Reads of the API what one token may see, and changes nothing. */
export class ReadApi {
  readonly #connection: Connection;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(connection: Connection, apiToken: string) {
    this.#connection = connection;
    this.#headers = { authorization: `PVEAPIToken=${apiToken}` };
  }

  /** Reads one address; a refusal is an answer, too. */
  async read<T>(
    path: string,
    schema: z.ZodType<T>,
    options: { readonly parameters?: Readonly<Record<string, string>>; readonly milliseconds?: number } = {},
  ): Promise<Reading<T>> {
    try {
      const data = await send(this.#connection, { method: "GET", path, headers: this.#headers, ...options });
      const parsed = schema.safeParse(data);
      if (parsed.success) return { kind: "read", value: parsed.data };
      const [issue] = parsed.error.issues;
      const where = issue === undefined ? "" : `: ${issue.path.join(".")} ${issue.message}`;
      return { kind: "refused", status: 0, message: `the answer is not what Proxmox VE documents${where}` };
    } catch (error) {
      if (error instanceof ProxmoxError) return { kind: "refused", status: error.status, message: error.message };
      return { kind: "refused", status: 0, message: error instanceof Error ? error.message : String(error) };
    }
  }
}
