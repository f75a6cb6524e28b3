import { removeAclOn } from "../access/acl.ts";
import type { ClusterState } from "../state/cluster.ts";

/** Takes a storage out of storage.cfg, and with it the permissions on it; what is on it stays. */
export function removeStorage(state: ClusterState, storage: string): void {
  Reflect.deleteProperty(state.storages, storage);
  removeAclOn(state.access, `/storage/${storage}`);
}
