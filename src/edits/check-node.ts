import type { BuiltGuest } from "../state/built.ts";
import { doneOnNode, type NodeCommand, type RefusedEdit } from "./edit.ts";

/** A guest that is to be on another node. */
export interface MovedGuest {
  readonly name: string;
  /** Where it is to be. */
  readonly node: string;
  readonly built: BuiltGuest;
  /** The storage that each of its volumes is on, and the one that it is to be on. */
  readonly volumes: readonly { readonly from: string; readonly to: string; readonly sizeGib: number }[];
}

/** Lets Proxmox VE move a guest to another node: the provider would delete it and create an empty one there. */
export function checkNode({ name, node, built, volumes }: MovedGuest): RefusedEdit[] {
  if (node === built.node) return [];
  const path = [`${built.kind}s`, name, "node"];
  const problem = `The ${built.kind} ${name} is on ${built.node}.`;
  const torn = volumes.find(({ from, to }) => volumes.some((other) => other.from === from && other.to !== to));
  if (torn !== undefined) {
    return [
      {
        path,
        problem: `${problem} Proxmox VE moves all of its volumes on ${torn.from} to one storage of ${node}, and the inventory names several.`,
        remedy: `Write node: ${built.node} and move the volumes first, or name one storage, move the guest, and then move the volumes.`,
      },
    ];
  }
  const pairs = new Set(volumes.filter(({ from, to }) => from !== to).map(({ from, to }) => `${from}:${to}`));
  const sizeGib = volumes.reduce((sum, volume) => sum + volume.sizeGib, 0);
  const cost = `with a downtime while up to ${sizeGib} GiB are copied`;
  const command = built.kind === "container" ? moveContainer(built, node, pairs) : moveMachine(built, node, pairs);
  return [
    doneOnNode(path, problem, {
      ...{ guest: name, urn: built.urn, cost, to: node, commands: [command] },
      needs: volumes.map((volume) => ({ node, storage: volume.to, sizeGib: volume.sizeGib })),
    }),
  ];
}

/** https://pve.proxmox.com/pve-docs/pct.1.html */
function moveContainer({ node: from, vmid }: BuiltGuest, to: string, pairs: ReadonlySet<string>): NodeCommand {
  const storages = pairs.size === 0 ? "" : ` --target-storage ${[...pairs].join(",")}`;
  return { node: from, command: `pct migrate ${vmid} ${to} --restart 1${storages}` };
}

/**
 * Not while it runs: a CPU of another vendor may crash it. `npm run up` starts it again, when its snippet is on the other node.
 * https://pve.proxmox.com/pve-docs/qm.1.html
 */
function moveMachine({ node: from, vmid }: BuiltGuest, to: string, pairs: ReadonlySet<string>): NodeCommand {
  const storages = pairs.size === 0 ? "" : ` --targetstorage ${[...pairs].join(",")}`;
  const stop = `case $(qm status ${vmid}) in *running*) qm shutdown ${vmid} --timeout 300;; esac`;
  return { node: from, command: `${stop} && qm migrate ${vmid} ${to}${storages}` };
}
