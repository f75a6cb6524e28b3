import { facts, type EndpointKey } from "./api/facts.ts";
import { notImplemented } from "./api-error.ts";
import { checkParameters } from "./check-parameters.ts";
import type { Context } from "./handlers.ts";
import { findHandler } from "./routes/find-handler.ts";
import type { World } from "./world.ts";

const routes = Object.keys(facts).map((key) => {
  const [method = "", path = ""] = key.split(" ");
  const names: string[] = [];
  const source = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    names.push(name);
    // These have slashes in them.
    return name === "volume" || name === "cidr" ? "(.+)" : "([^/]+)";
  });
  return { key: key as EndpointKey, method, names, pattern: new RegExp(`^${source}$`) };
});
// Where `/nodes/{node}/qemu/{vmid}` and a path without parameters both match, the fewer parameters the better.
routes.sort((a, b) => a.names.length - b.names.length);

/**
 * Makes a request as root without a server around it; returns its data.
 * @throws {ApiError} what Proxmox refuses
 */
export function perform(
  world: World,
  method: string,
  path: string,
  parameters: Readonly<Record<string, unknown>> = {},
): unknown {
  const route = routes.find((candidate) => candidate.method === method && candidate.pattern.test(path));
  const handler = route && findHandler(route.key);
  if (route === undefined || handler === undefined) throw notImplemented(method, path);
  const [, ...values] = route.pattern.exec(path) ?? [];
  const inPath = Object.fromEntries(route.names.map((name, index) => [name, values[index]]));
  const sent = { ...parameters, ...inPath };
  const context: Context = { world, session: { user: "root@pam" }, attributes: {} };
  const work = () => {
    if (inPath["node"] !== undefined) world.node(inPath["node"]);
    return handler(checkParameters(facts[route.key].parameters, sent), context);
  };
  // A copy: what a transaction lends ends with it.
  return method === "GET" ? work() : world.transaction(() => copy(work()));
}

function copy(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}
