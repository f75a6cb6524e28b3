import { adoptableKinds } from "../adopt/kinds.ts";
import type { Inputs, Lookup } from "../adopt/lookup.ts";
import type { Failure } from "./failed-run.ts";

/** Where a resource is. */
export interface Place {
  /** What is looked for on the server; undefined where nothing tells. */
  readonly lookup: Lookup | undefined;
  readonly vmid: number | undefined;
  /** The nodes that it concerns: one, or those of a storage; none where it is the whole cluster's. */
  readonly nodes: readonly string[];
}

/** Finds where a resource is by its inputs. */
export function placeOf({ type, inputs, within }: Pick<Failure, "type" | "inputs" | "within">): Place {
  if (within !== undefined) return { lookup: undefined, vmid: within.vmid, nodes: [within.node] };
  const lookup = lookupOf(type, inputs);
  return {
    lookup,
    vmid: lookup !== undefined && "vmid" in lookup ? lookup.vmid : undefined,
    nodes: nodesOf(lookup, inputs),
  };
}

/**
 * Names a resource and where it is: `container grafana (VMID 20010) on pve-01`, `step pools on pve-01`,
 * `image talos (homelab:import/talos.qcow2) on pve-01`.
 */
export function namePlace(failure: Pick<Failure, "type" | "inputs" | "within" | "word" | "name">): string {
  const { lookup, vmid, nodes } = placeOf(failure);
  const volume = lookup?.kind === "volume" ? ` (${lookup.volumeId})` : "";
  const number = vmid === undefined ? volume : ` (VMID ${vmid})`;
  const where = nodes.length === 0 ? "of the cluster" : `on ${nodes.join(" and ")}`;
  const guest = failure.within?.vmid === undefined ? "" : ` in ${failure.within.name}`;
  return `${failure.word} ${failure.name}${guest}${number} ${where}`;
}

/** Inputs that a run has not got as far as knowing say nothing of the place. */
function lookupOf(type: string, inputs: Inputs): Lookup | undefined {
  try {
    return adoptableKinds[type]?.lookup(inputs);
  } catch {
    return undefined;
  }
}

function nodesOf(lookup: Lookup | undefined, { nodeName, nodes, node }: Inputs): string[] {
  if (lookup !== undefined && "node" in lookup) return [lookup.node];
  if (typeof nodeName === "string") return [nodeName];
  if (typeof node === "string") return [node];
  return Array.isArray(nodes) ? nodes.filter((name) => typeof name === "string") : [];
}
