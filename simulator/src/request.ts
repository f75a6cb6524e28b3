import { request as httpsRequest } from "node:https";
import { ApiError } from "./api-error.ts";

/** How to reach an API and with which credentials. */
export interface Target {
  readonly url: string;
  readonly ca: string;
  readonly apiToken: string;
}

interface Answer<T> {
  readonly data: T;
  readonly errors?: Readonly<Record<string, string>>;
  /** All of a refusal, of which the reason phrase has the first line. */
  readonly message?: string;
}

/**
 * Makes one request of the Proxmox VE API and returns its data.
 * @throws {ApiError} what the server refuses, with its status and reason phrase
 */
export function request<T>(
  { url, ca, apiToken }: Target,
  method: string,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<T> {
  const form = new URLSearchParams(parameters).toString();
  const inQuery = method === "GET" || method === "DELETE";
  const address = new URL(
    `api2/json${path}${inQuery && form !== "" ? `${path.includes("?") ? "&" : "?"}${form}` : ""}`,
    url,
  );
  const headers = {
    authorization: `PVEAPIToken=${apiToken}`,
    ...(inQuery ? {} : { "content-type": "application/x-www-form-urlencoded" }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(address, { method, ca, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        const { statusCode: status = 0, statusMessage = "" } = response;
        const answer = JSON.parse(text === "" ? "{}" : text) as Answer<T>;
        if (status < 400) resolve(answer.data);
        else reject(new ApiError(status, answer.message?.trimEnd() ?? statusMessage, answer.errors));
      });
    });
    outgoing.on("error", reject).end(inQuery ? undefined : form);
  });
}
