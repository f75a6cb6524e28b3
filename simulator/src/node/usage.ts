import type { ClusterState } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { NodeState } from "../state/node.ts";
import { findDataset } from "./zfs.ts";

const gib = 2 ** 30;

/** What a node has and uses now, in bytes; the load is a part of one. */
export interface NodeUsage {
  readonly cpu: number;
  readonly memory: { readonly total: number; readonly used: number; readonly arc: number };
  readonly root: { readonly total: number; readonly used: number };
}

/** What Proxmox itself takes, and what the running guests do. */
export function usageOfNode(state: ClusterState, { name, memory, cpu }: NodeState): NodeUsage {
  const running = Object.values(state.guests).filter(({ node, status }) => node === name && status === "running");
  const arc = Math.round(memory * 0.02);
  const used = Math.min(
    memory,
    running.reduce((sum, guest) => sum + memoryOf(guest), Math.round(1.5 * gib) + arc),
  );
  const system = findDataset(state, name, "rpool/ROOT/pve-1");
  return {
    cpu: Math.min(1, 0.01 + running.length * (0.1 / cpu.threads)),
    memory: { total: memory, used, arc },
    root: { used: system?.referenced ?? 0, total: (system?.referenced ?? 0) + (system?.available ?? 0) },
  };
}

/** A virtual machine has touched half of its memory, a container a fifth. */
function memoryOf({ type, config }: Guest): number {
  const megabytes = Number(/\d+/.exec(config["memory"] ?? "512")?.[0] ?? 512);
  return Math.round(megabytes * 2 ** 20 * (type === "qemu" ? 0.5 : 0.2));
}
