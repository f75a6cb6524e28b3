import { answerLoopback } from "../guest-services/answer-loopback.ts";
import { PlainError, type Call } from "../shell/machine.ts";
import type { ReadOptions } from "../shell/options.ts";
import { absolute, readData } from "../shell/programs/paths.ts";
import type { SystemSoftware } from "./system.ts";

/** Whether a URL leads to the machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "127.0.0.1" || hostname === "localhost";
}

/** `curl` to a service of the machine itself. */
export async function curlLoopback(
  call: Call,
  system: SystemSoftware,
  url: URL,
  { given }: ReadOptions,
): Promise<number> {
  const quiet = given.has("s") && !given.has("S");
  const fail = (status: number, message: string) => new PlainError(quiet ? "" : `curl: (${status}) ${message}`, status);
  const data = given.get("data-binary");
  const request = {
    method: given.get("X") ?? (data === undefined ? "GET" : "POST"),
    url,
    headers: await headersOf(call),
    body: data?.startsWith("@") === true ? String(await readData(call, data.slice(1))) : (data ?? ""),
  };
  const answer = answerLoopback(call.machine.files, system, request);
  if (answer === undefined)
    throw fail(7, `Failed to connect to ${url.hostname} port ${url.port} after 0 ms: Could not connect to server`);
  const failed = answer.status >= 400 && (given.has("f") || given.has("fail-with-body"));
  const path = given.get("o");
  if (failed && given.has("f")) throw fail(22, `The requested URL returned error: ${answer.status}`);
  if (path === undefined || path === "-") call.out(answer.body);
  else if (path !== "/dev/null") call.machine.files.write(absolute(call, path), answer.body);
  call.out((given.get("w") ?? "").replaceAll("%{http_code}", String(answer.status)).replaceAll("\\n", "\n"));
  if (failed) throw fail(22, `The requested URL returned error: ${answer.status}`);
  return 0;
}

/** Those of `-H`, of which `@FILE` stands for what is in a file. */
async function headersOf(call: Call): Promise<Record<string, string>> {
  const given = call.args.flatMap((arg, index) => (call.args[index - 1] === "-H" ? [arg] : []));
  const lines: string[] = [];
  for (const header of given)
    lines.push(...(header.startsWith("@") ? String(await readData(call, header.slice(1))).split("\n") : [header]));
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value.trim()]];
    }),
  );
}
