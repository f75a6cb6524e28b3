import { removeAclOn } from "../access/acl.ts";
import type { ClusterState } from "../state/cluster.ts";
import { leaveVolumes } from "./location.ts";

/** Takes a storage out of storage.cfg, and with it the permissions on it; what is on it stays. */
export function removeStorage(state: ClusterState, storage: string): void {
  const entry = state.storages[storage];
  Reflect.deleteProperty(state.storages, storage);
  if (entry !== undefined) leaveVolumes(state, entry);
  removeAclOn(state.access, `/storage/${storage}`);
}
