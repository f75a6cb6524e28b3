import { facts, type EndpointKey } from "./api/facts.ts";
import { notImplemented } from "./api-error.ts";
import { checkParameters } from "./check-parameters.ts";
import { requireQuorum } from "./node/quorum.ts";
import { findHandler } from "./routes/find-handler.ts";
import type { World } from "./world.ts";

/** An endpoint as a path of it names it, with the parameters in that path. */
export interface FoundEndpoint {
  readonly key: EndpointKey;
  readonly inPath: Readonly<Record<string, string>>;
}

const root = { user: "root@pam" } as const;

const routes = Object.keys(facts).map((key) => {
  const [method = "", path = ""] = key.split(" ");
  const names: string[] = [];
  const source = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    names.push(name);
    // These have slashes in them.
    return name === "volume" || name === "cidr" ? "(.+)" : "([^/]+)";
  });
  return { key: key as EndpointKey, method, names, pattern: new RegExp(`^${source}/?$`) };
});
// Where `/nodes/{node}/qemu/{vmid}` and a path without parameters both match, the fewer parameters the better.
routes.sort((a, b) => a.names.length - b.names.length);

/** The endpoint of a request. */
export function findEndpoint(method: string, path: string): FoundEndpoint | undefined {
  const route = routes.find((candidate) => candidate.method === method && candidate.pattern.test(path));
  if (route === undefined) return undefined;
  const [, ...values] = route.pattern.exec(path) ?? [];
  return { key: route.key, inPath: Object.fromEntries(route.names.map((name, index) => [name, values[index] ?? ""])) };
}

/**
 * Does what an endpoint does, as root and without a server around it: a node's own programs are no other way into the
 * cluster.
 * @throws {ApiError} what the endpoint refuses
 */
export function callEndpoint(world: World, key: EndpointKey, sent: Readonly<Record<string, unknown>>): unknown {
  const handler = findHandler(key);
  const [method = "", path = ""] = key.split(" ");
  if (handler === undefined) throw notImplemented(method, path);
  const work = () => {
    if (path.startsWith("/nodes/{node}") && typeof sent["node"] === "string") world.node(sent["node"]);
    const values = checkParameters(facts[key].parameters, sent);
    requireQuorum(world.state, key);
    // What a transaction lends ends with it.
    return JSON.stringify(handler(values, { world, session: root, attributes: {} }) ?? null);
  };
  return JSON.parse(method === "GET" ? work() : world.transaction(work)) as unknown;
}

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
  const found = findEndpoint(method, path);
  if (found === undefined) throw notImplemented(method, path);
  return callEndpoint(world, found.key, { ...parameters, ...found.inPath });
}
