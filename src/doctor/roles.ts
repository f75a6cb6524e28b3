import type { Need } from "./needs.ts";

/** The role for guests, their networks and their storages. */
export const deployRole = "HomelabDeploy";
/** The role for the cluster and its nodes; on guests its privileges would open QEMU's monitor. */
export const nodesRole = "HomelabDeployNodes";
/** The role that Proxmox VE itself has for who only looks. */
export const exporterRole = "PVEAuditor";
/** The roles that this project makes. */
export type RoleName = typeof deployRole | typeof nodesRole;

/** A role on a path. */
export interface Grant {
  readonly path: string;
  readonly role: RoleName;
  readonly propagate: boolean;
}

/** The privileges of each role, sorted: what the needs ask for. */
export function rolesFor(needs: readonly Need[]): ReadonlyMap<RoleName, readonly string[]> {
  const names = [...new Set(needs.map(({ role }) => role))].sort();
  return new Map(
    names.map((name) => [
      name,
      [...new Set(needs.filter(({ role }) => role === name).map(({ privilege }) => privilege))].sort(),
    ]),
  );
}

/** Where the roles are given, as few entries as will do; below one that goes on, none is needed. */
export function grantsFor(needs: readonly Need[]): Grant[] {
  const paths = [...new Set(needs.map(({ path }) => path))].sort();
  const grants = paths.flatMap((path) => {
    const [need] = needs.filter((candidate) => candidate.path === path);
    return need === undefined ? [] : [{ path, role: need.role, propagate: need.propagate }];
  });
  const wide = grants.filter(({ propagate }) => propagate);
  return grants.filter(({ path }) => !wide.some((above) => path.startsWith(`${above.path}/`)));
}
