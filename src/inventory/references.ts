import { closest } from "fastest-levenshtein";
import type { Inventory } from "./inventory.ts";
import { parseIpv4, parseIpv4Network } from "./ipv4.ts";

/** A broken rule that spans several values; the loader adds where it stands. */
export interface ReferenceIssue {
  readonly path: readonly string[];
  readonly problem: string;
  readonly remedy: string;
}

/** Checks what no single value shows: names resolve, VMIDs and addresses are unique, addresses lie in their networks. */
export function checkReferences(inventory: Inventory): ReferenceIssue[] {
  return [
    ...unknownNames(inventory),
    ...duplicates(inventory, "vmid"),
    ...duplicates(inventory, "address"),
    ...networkMembership(inventory),
  ];
}

function unknownNames({ containers, nodes, networks }: Inventory): ReferenceIssue[] {
  const known = { node: Object.keys(nodes), network: Object.keys(networks) };
  return Object.entries(containers).flatMap(([name, container]) =>
    (["node", "network"] as const)
      .filter((key) => !known[key].includes(container[key]))
      .map((key) => ({
        path: ["containers", name, key],
        problem: `There is no ${key} "${container[key]}" in ${key}s.yaml.`,
        remedy: suggestName(container[key], known[key]),
      })),
  );
}

/** Proposes the known name that is nearest to an unknown one. */
export function suggestName(unknown: string, known: readonly string[]): string {
  if (known.length === 0) return "Add it there first.";
  return `Did you mean "${closest(unknown, known)}"? Known: ${known.join(", ")}.`;
}

function duplicates({ containers }: Inventory, key: "vmid" | "address"): ReferenceIssue[] {
  const owners = new Map<string | number, string>();
  const issues: ReferenceIssue[] = [];
  for (const [name, container] of Object.entries(containers)) {
    const value = container[key];
    if (value === undefined) continue;
    const owner = owners.get(value);
    if (owner === undefined) owners.set(value, name);
    else
      issues.push({
        path: ["containers", name, key],
        problem: `${value} is already taken by containers.${owner}.`,
        remedy: key === "vmid" ? "Choose a free VMID." : `Choose a free address in networks.${container.network}.`,
      });
  }
  return issues;
}

function networkMembership({ containers, networks }: Inventory): ReferenceIssue[] {
  return Object.entries(containers).flatMap(([name, { address, network: networkName }]) => {
    const network = networks[networkName];
    const range = network && parseIpv4Network(network.subnet);
    if (range === undefined) return [];
    const path = ["containers", name, "address"];
    const remedy = `Choose a free address in networks.${networkName} (${network?.subnet ?? ""}).`;
    const number = parseIpv4(address);
    if (number < range.first || number > range.last) {
      return [{ path, problem: `${address} is not in networks.${networkName}.`, remedy }];
    }
    if (address === network?.gateway)
      return [{ path, problem: `${address} is the gateway of networks.${networkName}.`, remedy }];
    if (number === range.first || number === range.last) {
      return [{ path, problem: `${address} is the network or broadcast address of networks.${networkName}.`, remedy }];
    }
    return [];
  });
}
