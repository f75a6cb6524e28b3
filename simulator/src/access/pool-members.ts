import type { ClusterState } from "../state/cluster.ts";

/** `/vms/101` or `/storage/nas`, as permissions name them. */
type Member = `/vms/${number}` | `/storage/${string}`;

/** The pools whose member something is that is not there: user.cfg takes names of anything. */
export function poolsAwaiting({ pools }: ClusterState, member: Member): string[] {
  return Object.keys(pools).filter((pool) => pools[pool]?.awaited?.includes(member));
}

/** Lets a pool have a member that is not there, or no longer. */
export function setAwaited({ pools }: ClusterState, pool: string, member: Member, awaited: boolean): void {
  const found = pools[pool];
  if (found === undefined) return;
  const others = (found.awaited ?? []).filter((other) => other !== member);
  const members = awaited ? [...others, member] : others;
  if (members.length > 0) found.awaited = members;
  else delete found.awaited;
}

/** Makes a new guest or storage what it is in user.cfg already: a member of pools. */
export function joinAwaitingPools(state: ClusterState, member: Member): void {
  const [, kind, id = ""] = member.split("/");
  for (const pool of poolsAwaiting(state, member)) {
    setAwaited(state, pool, member, false);
    const [guest, storage] = kind === "vms" ? [state.guests[id]] : [undefined, state.storages[id]];
    if (guest !== undefined) guest.pool = pool;
    if (storage !== undefined) storage.pools = [...(storage.pools ?? []), pool];
  }
}
