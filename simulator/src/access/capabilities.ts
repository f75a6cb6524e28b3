import type { ClusterState } from "../state/cluster.ts";
import { aclTreePaths } from "./acl.ts";
import { permissionsOn } from "./permissions.ts";

/** What a user can do somewhere in a part of the tree, by part: by this the web interface hides what is of no use. */
export type Capabilities = Record<string, Record<string, 1>>;

/** The privileges that count for each part. */
const parts: Readonly<Record<string, RegExp>> = {
  access: /^((User|Group)\.|Permissions\.Modify)/,
  dc: /^(Sys\.Audit|Sys\.Modify|SDN\.)/,
  mapping: /^(Mapping\.|Permissions\.Modify)/,
  nodes: /^(Sys\.|Permissions\.Modify)/,
  sdn: /^(SDN\.|Permissions\.Modify)/,
  storage: /^(Datastore\.|Permissions\.Modify)/,
  vms: /^(VM\.|Permissions\.Modify)/,
};

/** The `cap` of a ticket. */
export function capabilitiesOf(state: ClusterState, userid: string): Capabilities {
  const capabilities: Capabilities = Object.fromEntries(Object.keys(parts).map((part) => [part, {}]));
  const usual = ["/", "/nodes", "/access/groups", "/vms", "/storage", "/sdn", "/mapping"];
  for (const path of new Set([...usual, ...aclTreePaths(state.access)])) {
    const top = path.split("/")[1] ?? "";
    // What is allowed on a pool is allowed on the guests and storages in it.
    const affected = top === "pool" ? ["vms", "storage"] : [top === "" ? "dc" : top];
    for (const privilege of permissionsOn(state, userid, path).keys()) {
      for (const part of affected) {
        const held = capabilities[part];
        if (held !== undefined && parts[part]?.test(privilege)) held[privilege] = 1;
      }
    }
  }
  return capabilities;
}

/** The privileges of a user or token on each path that matters, with 1 where they go on to what is below. */
export function effectivePermissions(state: ClusterState, authId: string): Record<string, Record<string, 0 | 1>> {
  const usual = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];
  const members = [
    ...Object.values(state.guests).flatMap(({ vmid, pool }) => (pool === undefined ? [] : [`/vms/${vmid}`])),
    ...Object.values(state.storages).flatMap(({ storage, pools = [] }) =>
      pools.length === 0 ? [] : [`/storage/${storage}`],
    ),
  ];
  const paths = [...new Set([...usual, ...aclTreePaths(state.access), ...members])].sort();
  const all = paths.map((path) => [path, describePermissions(state, authId, path)] as const);
  return Object.fromEntries(all.filter(([, held]) => Object.keys(held).length > 0));
}

/** The privileges on one path, as the API shows them. */
export function describePermissions(state: ClusterState, authId: string, path: string): Record<string, 0 | 1> {
  const held = [...permissionsOn(state, authId, path)].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(held.map(([privilege, propagate]) => [privilege, propagate ? 1 : 0]));
}
