import type { Inventory } from "../inventory.ts";
import { placedGuests, placedVolumes, type PlacedGuest, type PolicyIssue, type RuleIssue } from "./rule.ts";

const gib = 2 ** 30;

interface Requirement {
  readonly what: string;
  readonly cores: number;
  readonly memory: number;
  readonly disk: number;
  readonly source: string;
}

const gitlab: Requirement = {
  what: "GitLab",
  cores: 4,
  memory: 8 * gib,
  disk: 20 * gib,
  source: "https://docs.gitlab.com/install/requirements/",
};
const talosSource = "https://docs.siderolabs.com/talos/v1.11/getting-started/system-requirements";
const talos: Readonly<Record<"controlPlane" | "worker", Requirement>> = {
  controlPlane: { what: "A Talos control plane", cores: 2, memory: 2 * gib, disk: 10 * gib, source: talosSource },
  worker: { what: "A Talos worker", cores: 1, memory: gib, disk: 10 * gib, source: talosSource },
};

// ZFS keeps 1/32 of a pool for itself, 128 GiB at most (spa_slop_shift, spa_max_slop in zfs(4)).
const slopShare = 32;
const mostSlop = 128 * gib;

/** Nodes have the memory and the disks that their guests are promised, and guests what their software asks for. */
export function checkCapacity(inventory: Inventory): PolicyIssue[] {
  return [...memory(inventory), ...disks(inventory), ...placedGuests(inventory).flatMap(requirements)];
}

/** No guest has more cores than its node has threads: Proxmox would not start it. */
export function checkCores(inventory: Inventory): RuleIssue[] {
  return placedGuests(inventory).flatMap(({ path, guest: { node, cores } }) => {
    const threads = inventory.nodes[node]?.cpu.threads;
    if (threads === undefined || cores <= threads) return [];
    return [
      {
        path: [...path, "cores"],
        problem: `${node} has ${threads} threads: Proxmox does not start a guest with ${cores} cores there.`,
        remedy: `Write ${threads} or fewer.`,
      },
    ];
  });
}

function memory(inventory: Inventory): PolicyIssue[] {
  return Object.entries(inventory.nodes).flatMap(([name, node]) => {
    const guests = placedGuests(inventory).filter(({ guest }) => guest.node === name);
    const promised = guests.reduce((sum, { guest }) => sum + guest.memory, 0);
    const left = node.memory - node.arcLimit - node.reservedMemory;
    if (promised <= left * node.memoryRatio) return [];
    const parts = `${size(node.memory)} less ${size(node.arcLimit)} for ZFS's cache and ${size(node.reservedMemory)} for Proxmox VE`;
    return [
      {
        rule: "memory" as const,
        subject: `nodes.${name}`,
        path: ["nodes", name, "memory"],
        problem: `The guests of ${name} are promised ${size(promised)}, and ${size(left)} are left for them (${parts}), at a ratio of ${node.memoryRatio}.`,
        remedy: "Move a guest, give one less, or raise memoryRatio if they never all need it at once.",
      },
    ];
  });
}

function disks(inventory: Inventory): PolicyIssue[] {
  return Object.entries(inventory.nodes).flatMap(([name, node]) =>
    Object.entries(node.pools).flatMap(([pool, { origin, layout, diskRatio, ...rest }]) => {
      const sizes = rest.disks.flatMap((disk) => node.disks[disk]?.size ?? []);
      // A disk that is not described has its own error.
      if (sizes.length < rest.disks.length) return [];
      const raw = layout === "mirror" ? Math.min(...sizes) : sizes.reduce((sum, bytes) => sum + bytes, 0);
      const reserved = origin === "installer" ? node.reservedDisk : 0;
      const fits = raw - Math.min(raw / slopShare, mostSlop) - reserved;
      const promised = promisedOn(inventory, name, pool);
      if (promised <= fits * diskRatio) return [];
      const parts = ["what ZFS keeps for itself", ...(reserved > 0 ? [`${size(reserved)} for Proxmox VE`] : [])].join(
        " and ",
      );
      return [
        {
          rule: "disk" as const,
          subject: `nodes.${name}.pools.${pool}`,
          path: ["nodes", name, "pools", pool, "disks"],
          problem: `The volumes on ${pool} of ${name} are promised ${size(promised)}, and ${wholeGib(fits)} fit on it (${wholeGib(raw)} less ${parts}), at a ratio of ${diskRatio}.`,
          remedy: "Make one smaller, put one on another pool, or raise diskRatio if they never all fill up.",
        },
      ];
    }),
  );
}

function promisedOn(inventory: Inventory, node: string, pool: string): number {
  return placedGuests(inventory)
    .filter(({ guest }) => guest.node === node)
    .flatMap(placedVolumes)
    .filter(({ storage: id }) => {
      const storage = inventory.storage[id];
      return storage?.type === "zfspool" && storage.pool.split("/")[0] === pool;
    })
    .reduce((sum, volume) => sum + volume.size, 0);
}

function wholeGib(bytes: number): string {
  return `${Math.floor(bytes / gib)} GiB`;
}

function requirements({ path, kind, guest }: PlacedGuest): PolicyIssue[] {
  const role = kind === "machine" && guest.kind === "talos" ? guest.role : undefined;
  const required = role === undefined ? (guest.runs === "gitlab" ? gitlab : undefined) : talos[role];
  if (required === undefined) return [];
  const { what, source } = required;
  const issue = (key: string, has: string, wanted: string): PolicyIssue => ({
    rule: "requirements",
    subject: path.join("."),
    path: [...path, ...key.split(".")],
    problem: `${what} asks for ${wanted} at least, and this is ${has} (${source}).`,
    remedy: `Write ${wanted} or more.`,
  });
  return [
    ...(guest.cores < required.cores ? [issue("cores", String(guest.cores), `${required.cores}`)] : []),
    ...(guest.memory < required.memory ? [issue("memory", size(guest.memory), size(required.memory))] : []),
    ...(guest.disk.size < required.disk ? [issue("disk.size", size(guest.disk.size), size(required.disk))] : []),
  ];
}

function size(bytes: number): string {
  return bytes % gib === 0 ? `${bytes / gib} GiB` : `${bytes / 2 ** 20} MiB`;
}
