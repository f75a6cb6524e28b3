import { administrator, requirePrivileges } from "../access/permissions.ts";
import { ApiError } from "../api-error.ts";
import type { Context } from "../handlers.ts";

/** Whether a request comes from root itself; a token of root's is not root. */
export function isRoot({ session }: Context): boolean {
  return session.user === administrator;
}

/**
 * Refuses who has privileges neither on a guest nor on the pool that it is made for: PVE::RPCEnvironment::check_vm_perm.
 * @throws {ApiError} 403
 */
export function requireOnGuest(
  { world, session }: Context,
  { vmid, pool }: { readonly vmid: number; readonly pool?: string | undefined },
  privileges: readonly string[],
  any = false,
): void {
  if (pool !== undefined) {
    try {
      requirePrivileges(world.state, session.user, `/pool/${pool}`, privileges, any);
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
  requirePrivileges(world.state, session.user, `/vms/${vmid}`, privileges, any);
}
