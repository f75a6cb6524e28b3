import { ApiError, explainFailure } from "../api-error.ts";
import type { World } from "../world.ts";

/**
 * Does what Proxmox does under the lock of the SDN configuration, which somebody may hold by a token.
 * @throws {ApiError} 500 whatever is wrong, with what failed in front
 */
export function underLock<T>(world: World, what: string, token: string | undefined, work: () => T): T {
  const { lock } = world.state.sdn;
  return explainFailure(what, () => {
    if (lock !== undefined && lock !== token)
      throw new ApiError(500, "invalid lock token provided! at /usr/share/perl5/PVE/Network/SDN.pm line 305.");
    return work();
  });
}
