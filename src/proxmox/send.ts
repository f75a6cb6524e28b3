import { Agent, request } from "node:https";
import { tlsOptions, type Trust } from "./trust.ts";

/** Where an API is, and the connections to it; whoever opens it closes it. */
export interface Connection {
  readonly endpoint: string;
  readonly agent: Agent;
}

/** Gets ready to talk to an API; nothing is sent yet. */
export function openConnection(endpoint: string, trust: Trust): Connection {
  // Few at once: a small node answers slowly, and its user is waiting for something else.
  return { endpoint, agent: new Agent({ ...tlsOptions(trust), keepAlive: true, maxSockets: 4 }) };
}

/** One request. */
export interface ApiRequest {
  readonly method: "DELETE" | "GET" | "POST" | "PUT";
  /** Below /api2/json. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly milliseconds?: number;
}

/** What Proxmox VE refuses, in its own words. */
export class ProxmoxError extends Error {
  override readonly name = "ProxmoxError";
  readonly status: number;

  constructor(status: number, message: string, errors: Readonly<Record<string, string>> = {}) {
    const details = Object.entries(errors).map(([name, problem]) => `${name}: ${problem}`);
    super([message.trim(), ...details].join("; "));
    this.status = status;
  }
}

/**
 * Makes one request and returns what is in its `data`, unchecked.
 * @throws {ProxmoxError} what the server refuses; other errors where it cannot be reached
 */
export function send({ endpoint, agent }: Connection, { method, path, ...rest }: ApiRequest): Promise<unknown> {
  const { parameters = {}, headers = {}, milliseconds = 10_000 } = rest;
  const form = new URLSearchParams(parameters).toString();
  const inQuery = method === "GET" || method === "DELETE";
  const address = new URL(`/api2/json${path}${inQuery && form !== "" ? `?${form}` : ""}`, endpoint);
  const content = inQuery ? {} : { "content-type": "application/x-www-form-urlencoded" };
  const options = { method, headers: { ...headers, ...content }, agent };
  return new Promise((resolve, reject) => {
    const outgoing = request(address, { ...options, timeout: milliseconds }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("error", reject).on("end", () => {
        const { statusCode = 0, statusMessage = "" } = response;
        const answer = parseAnswer(text);
        if (statusCode >= 200 && statusCode < 300 && answer !== undefined) resolve(answer.data);
        // A message that is not empty says more than the status line, which ends where the first line does.
        else reject(new ProxmoxError(statusCode, answer?.message ?? statusMessage, answer?.errors));
      });
    });
    outgoing
      .on("timeout", () => outgoing.destroy(new Error(`no answer within ${milliseconds / 1000} seconds`)))
      .on("error", reject)
      .end(inQuery ? undefined : form);
  });
}

interface Answer {
  readonly data?: unknown;
  readonly message?: string;
  readonly errors?: Readonly<Record<string, string>>;
}

function parseAnswer(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}
