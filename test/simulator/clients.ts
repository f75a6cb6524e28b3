import { request as httpsRequest } from "node:https";
import type { Simulator } from "@proxmox-homelab/simulator";
import { ApiError } from "../../simulator/src/api-error.ts";
import { request } from "../../simulator/src/request.ts";

/** Makes requests as someone; throws what the server refuses. */
export type Client = <T>(method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<T>;

/** What a login answers. */
export interface Login {
  readonly username: string;
  readonly ticket: string;
  readonly CSRFPreventionToken: string;
  readonly clustername?: string;
  readonly cap: Readonly<Record<string, Readonly<Record<string, 1>>>>;
}

interface Answer<T> {
  readonly data: T;
  readonly errors?: Readonly<Record<string, string>>;
  readonly message?: string;
}

/** An answer as it is on the wire. */
export interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly body: unknown;
}

/** One request with nothing added to it. */
export function send(
  { url, ca }: Simulator,
  method: string,
  path: string,
  { headers = {}, body = "" }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(new URL(path, url), { method, ca, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          reason: response.statusMessage ?? "",
          body: text === "" ? undefined : (JSON.parse(text) as unknown),
        });
      });
    });
    outgoing.on("error", reject).end(body);
  });
}

/** A client with an API token of its own: `user@realm!id=secret`. */
export function withToken({ url, ca }: Simulator, apiToken: string): Client {
  return (method, path, parameters) => request({ url, ca, apiToken }, method, path, parameters);
}

/** A client with these headers and no others. */
export function withHeaders({ url, ca }: Simulator, headers: Readonly<Record<string, string>>): Client {
  return <T>(method: string, path: string, parameters: Readonly<Record<string, string>> = {}) => {
    const form = new URLSearchParams(parameters).toString();
    const inQuery = method === "GET" || method === "DELETE";
    const address = new URL(`/api2/json${path}${inQuery && form !== "" ? `?${form}` : ""}`, url);
    const content = inQuery ? {} : { "content-type": "application/x-www-form-urlencoded" };
    return new Promise<T>((resolve, reject) => {
      const options = { method, ca, headers: { ...headers, ...content }, agent: false };
      const outgoing = httpsRequest(address, options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const { statusCode: status = 0, statusMessage = "" } = response;
          const { data, errors, message = statusMessage } = JSON.parse(text === "" ? "{}" : text) as Answer<T>;
          if (status < 400) resolve(data);
          else reject(new ApiError(status, message.trimEnd(), errors));
        });
      });
      outgoing.on("error", reject).end(inQuery ? undefined : form);
    });
  };
}

/** Logs in with a password: what the answer is, and a client with its ticket. */
export async function logIn(
  simulator: Simulator,
  username: string,
  password: string,
): Promise<{ readonly login: Login; readonly client: Client }> {
  const login = await withHeaders(simulator, {})<Login>("POST", "/access/ticket", { username, password });
  const client = withHeaders(simulator, {
    cookie: `PVEAuthCookie=${encodeURIComponent(login.ticket)}`,
    csrfpreventiontoken: login.CSRFPreventionToken,
  });
  return { login, client };
}
