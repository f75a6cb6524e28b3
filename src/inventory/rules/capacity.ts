import type { Inventory } from "../inventory.ts";
import { placedGuests, type PlacedGuest, type PolicyIssue, type RuleIssue } from "./rule.ts";

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

/** Nodes have the memory that their guests are promised, and guests what their software asks for. */
export function checkCapacity(inventory: Inventory): PolicyIssue[] {
  return [...memory(inventory), ...placedGuests(inventory).flatMap(requirements)];
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
