import type { Disk, Vdev, ZfsPool } from "./answers.ts";

/** A disk of a pool. */
export interface PoolMember {
  /** As ZFS calls it, for its commands: a path, or a number for a disk that is gone. */
  readonly name: string;
  /** Its device path; its name if it is on none of the node's disks. */
  readonly device: string;
}

/** How a pool is made. */
export interface PoolLayout {
  /** Another one than these two is described: `made of raidz1-0`. */
  readonly kind: string;
  readonly members: readonly PoolMember[];
  /** Whether ZFS copies a disk's data to the one that replaces it right now. */
  readonly isReplacing: boolean;
}

/** Reads from what Proxmox VE says of a pool and of the node's disks how the pool is made. */
export function readPoolLayout({ children }: ZfsPool, disks: readonly Disk[]): PoolLayout {
  const [root] = children;
  return {
    kind: kindOf(root),
    members: leavesOf(root).map(({ name }) => ({ name, device: deviceOf(name, disks) })),
    isReplacing: groupsBelow(root).some(({ name }) => /^(?:replacing|spare)-\d+$/.test(name)),
  };
}

/** What `PoolLayout.kind` is for a pool of the inventory. */
export function kindOfLevel(raidLevel: "mirror" | "raid0" | "single"): string {
  return raidLevel === "mirror" ? "a mirror" : "not redundant";
}

/** The disk that a stable name means: of its links Proxmox VE tells only one, so that serial number and WWN count, too. */
export function findDisk(disks: readonly Disk[], id: string): Disk | undefined {
  const known = (value: string | undefined) => value !== undefined && value.length > 3 && id.includes(value);
  return (
    disks.find(({ by_id_link: link, devpath }) => link === id || devpath === id) ??
    disks.find(({ serial, wwn }) => known(serial) || known(wwn))
  );
}

function kindOf(root: Vdev | undefined): string {
  const groups = (root?.children ?? []).filter(({ children = [] }) => children.length > 0);
  if (groups.length === 0) return "not redundant";
  const kinds = [...new Set(groups.map(({ name }) => name.replace(/-?\d*$/, "")))];
  if (kinds.join() === "mirror" && groups.length === 1) return "a mirror";
  return `made of ${groups.map(({ name }) => name).join(" and ")}`;
}

function leavesOf(vdev: Vdev | undefined): Vdev[] {
  if (vdev === undefined) return [];
  const { children = [] } = vdev;
  return children.length === 0 ? [vdev] : children.flatMap(leavesOf);
}

function groupsBelow(vdev: Vdev | undefined): Vdev[] {
  const children = vdev?.children ?? [];
  return children.flatMap((child) => [child, ...groupsBelow(child)]);
}

/** The disk of a partition: a pool names the partition that it has. */
function deviceOf(name: string, disks: readonly Disk[]): string {
  const whole = name.replace(/-part\d+$/, "");
  const disk =
    findDisk(disks, whole) ??
    disks.find(({ devpath }) => /^p?\d+$/.test(name.slice(devpath.length)) && name.startsWith(devpath));
  return disk?.devpath ?? name;
}
