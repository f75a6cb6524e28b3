import type { z } from "zod";
import { ResourceFinder } from "../src/adopt/find-resource.ts";
import { sortResources, type SortedResource } from "../src/adopt/sort-resources.ts";
import { Guests, type ExistingGuest } from "../src/proxmox/answers.ts";
import { ReadApi } from "../src/proxmox/read-api.ts";
import { openConnection, send } from "../src/proxmox/send.ts";
import { trustAuthorities } from "../src/proxmox/trust.ts";
import { StackError, type StackSettings } from "./stack-settings.ts";

/** The server that a stack is about, as its token sees it. */
export interface StackServer {
  readonly api: ReadApi;
  readonly apiToken: string;
  /** Lets the server do something that needs no more to be said. */
  readonly put: (path: string, parameters?: Readonly<Record<string, string>>) => Promise<unknown>;
}

/** Gives the server of a stack, for the time of some work. */
export async function withServer<T>(
  stack: string,
  { endpoint, apiToken, insecure, ca }: StackSettings,
  work: (server: StackServer) => Promise<T>,
): Promise<T> {
  if (endpoint === undefined || apiToken === undefined)
    throw new StackError(`The stack ${stack} has no endpoint or token.`);
  const connection = openConnection(endpoint, insecure ? { kind: "anyone" } : trustAuthorities(ca?.pem));
  const headers = { authorization: `PVEAPIToken=${apiToken}` };
  const put: StackServer["put"] = (path, parameters = {}) =>
    send(connection, { method: "PUT", path, headers, parameters });
  try {
    return await work({ api: new ReadApi(connection, apiToken), apiToken, put });
  } finally {
    connection.agent.destroy();
  }
}

/**
 * Reads which guest has which VMID: GET /cluster/resources?type=vm
 * @throws {StackError} what the server says if it does not answer
 */
export async function readGuests(api: ReadApi): Promise<ExistingGuest[]> {
  const answer = await api.read("/cluster/resources", Guests, { parameters: { type: "vm" } });
  if (answer.kind === "read") return answer.value;
  throw new StackError(`The server does not say which guest has which VMID: ${answer.message}\nNothing was changed.`);
}

/**
 * Reads an answer of the server.
 * @throws {StackError} what the server says if it does not answer
 */
export async function readAnswer<T>(api: ReadApi, path: string, schema: z.ZodType<T>): Promise<T> {
  const answer = await api.read(path, schema);
  if (answer.kind === "read") return answer.value;
  throw new StackError(`The server does not answer GET ${path}: ${answer.message}\nNothing was changed.`);
}

/** Looks on the server of a stack for what the program would create. */
export async function findExisting(
  preview: Parameters<typeof sortResources>[0],
  stack: string,
  settings: StackSettings,
): Promise<SortedResource[]> {
  return withServer(stack, settings, ({ api }) => sortResources(preview, new ResourceFinder(api)));
}
