import { CommandError, PlainError, type Call, type Program } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import { posix } from "node:path";
import { absolute } from "../shell/programs/paths.ts";
import { curlLoopback, isLoopback } from "./curl-loopback.ts";
import { findDownload } from "./downloads.ts";
import type { SystemSoftware } from "./system.ts";

/** `curl` for the addresses that the simulator knows, and to services of the machine itself: nothing is fetched from anywhere. */
export function curlProgram(system: SystemSoftware): Program {
  return (call) => curl(call, system);
}

async function curl(call: Call, system: SystemSoftware): Promise<number> {
  const { args, machine, out } = call;
  const options = readOptions(args, "fsSLo:O#km:H:X:w:", [
    ...["data-binary=", "fail-with-body", "write-out=|w", "request=|X", "header=|H"],
    ...["fail|f", "silent|s", "show-error|S", "location|L", "output=|o", "remote-name|O", "retry=", "retry-delay="],
    ...["connect-timeout=", "max-time=|m", "proto=", "tlsv1.2", "compressed", "retry-connrefused", "retry-all-errors"],
  ]);
  const { given, operands } = options;
  const [url] = operands;
  if (url === undefined) throw new PlainError("curl: (2) no URL specified", 2);
  if (!/^https?:\/\//.test(url)) throw new CommandError("the simulator only knows URLs of http and https", 1);
  if (isLoopback(new URL(url))) return curlLoopback(call, system, new URL(url), options);
  const found = await findDownload(url, system.downloads());
  const quiet = given.has("s") && !given.has("S");
  const fail = (status: number, message: string) => new PlainError(quiet ? "" : `curl: (${status}) ${message}`, status);
  if (found === "no checksum")
    throw fail(22, `The simulator knows no checksum of ${url}: name one in the state's downloads.`);
  if (found === "no host") throw fail(6, `Could not resolve host: ${new URL(url).hostname}`);
  if (found === "no path") {
    if (given.has("f")) throw fail(22, "The requested URL returned error: 404");
    out("Not Found\n");
    return 0;
  }
  const path = given.get("o") ?? (given.has("O") ? posix.basename(new URL(url).pathname) : undefined);
  if (path === undefined || path === "-") out(found);
  else machine.files.write(absolute(call, path), found);
  return 0;
}
