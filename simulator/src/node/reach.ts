import { ApiError } from "../api-error.ts";
import type { EndpointKey } from "../api/facts.ts";
import type { World } from "../world.ts";

/** What any other node answers for one that is off. */
const answeredByOthers: readonly EndpointKey[] = ["POST /nodes/{node}/wakeonlan", "GET /nodes/{node}/rrddata"];

/**
 * Finds the node that a request names; what the node itself would have to answer needs it to be on.
 * @throws {ApiError} 500 or 595, as a proxy's
 */
export function reachNode(world: World, key: EndpointKey, name: string): void {
  const { off } = world.node(name);
  const own = key.split(" ")[1]?.startsWith("/nodes/{node}") === true && !answeredByOthers.includes(key);
  if (off === true && own) throw new ApiError(595, "No route to host");
}

/**
 * Finds the node that another one logs in to over SSH, before it sends a guest there.
 * @throws {ApiError} 500 in the words of PVE::QemuMigrate and PVE::LXC::Migrate
 */
export function requireDestination(world: World, target: string): void {
  if (world.node(target).off === true) {
    throw new ApiError(500, "Can't connect to destination address using public key");
  }
}
