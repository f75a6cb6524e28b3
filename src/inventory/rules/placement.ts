import type { Inventory } from "../inventory.ts";
import { isExposed, placedGuests, type PlacedGuest, type PolicyIssue } from "./rule.ts";

type Finding = Omit<PolicyIssue, "path" | "subject"> & { readonly key: string };

/** Containers by default, machines where isolation or a kernel matters, the internet in the DMZ only. */
export function checkPlacement(inventory: Inventory): PolicyIssue[] {
  return [...placedGuests(inventory).flatMap((placed) => placementOf(placed, inventory)), ...replicas(inventory)];
}

function placementOf(placed: PlacedGuest, inventory: Inventory): PolicyIssue[] {
  const own = placed.kind === "container" ? containerFindings(placed, inventory) : machineFindings(placed);
  return [...own, ...networkFindings(placed, inventory)].map(({ key, ...finding }) => ({
    ...finding,
    subject: placed.path.join("."),
    path: [...placed.path, key],
  }));
}

function containerFindings(placed: Extract<PlacedGuest, { kind: "container" }>, { networks }: Inventory): Finding[] {
  const { guest } = placed;
  const findings: Finding[] = [];
  const remedy = "Make it a machine: move it to machines.yaml.";
  if (guest.needs.includes("docker")) {
    const problem =
      "Docker in a container stacks one set of namespaces on another: it wants nesting and keyctl, and breaks when the node's kernel or ZFS is upgraded.";
    findings.push({ rule: "docker", key: "needs", problem, remedy });
  }
  if (guest.needs.includes("kernel") || guest.needs.includes("isolation")) {
    const problem =
      "A container shares the node's kernel: it has none of its own, and little keeps it from its neighbours.";
    findings.push({ rule: "placement", key: "needs", problem, remedy });
  }
  if (isExposed(placed, networks[guest.network])) {
    const problem = "What the internet can reach runs in a machine: who breaks out of a container has the node.";
    findings.push({ rule: "placement", key: guest.exposure === "internet" ? "exposure" : "network", problem, remedy });
  }
  if (guest.privileged) {
    const problem = "Root in a privileged container is root on the node.";
    const drop = "Leave privileged out, and map what it must own.";
    findings.push({ rule: "privileged", key: "privileged", problem, remedy: drop });
  }
  return findings;
}

function machineFindings({ guest }: Extract<PlacedGuest, { kind: "machine" }>): Finding[] {
  if (guest.needs.length > 0 || guest.exposure === "internet") return [];
  return [
    {
      rule: "placement",
      key: "kind",
      problem: "Nothing says why this is a machine: a container starts faster, and needs less memory and disk.",
      remedy: "Say what it needs (docker, isolation or kernel), or move it to containers.yaml.",
    },
  ];
}

function networkFindings({ guest }: PlacedGuest, { networks }: Inventory): Finding[] {
  const zone = networks[guest.network]?.zone;
  const choose = (wanted: string) => {
    const names = Object.keys(networks).filter((name) => networks[name]?.zone === wanted);
    return names.length === 0 ? `Add a network with zone ${wanted}.` : `Put it on ${names.join(" or ")}.`;
  };
  if (guest.exposure === "internet" && zone !== undefined && zone !== "dmz") {
    const problem = `What the internet can reach stands in the DMZ: from ${guest.network} a break-in goes on to everything else.`;
    return [{ rule: "exposure", key: "network", problem, remedy: choose("dmz") }];
  }
  if (zone === "management") {
    const problem = "On this network a guest can reach the nodes' own web interface and SSH.";
    return [{ rule: "managementNetwork", key: "network", problem, remedy: choose("internal") }];
  }
  return [];
}

function replicas(inventory: Inventory): PolicyIssue[] {
  const first = new Map<string, string>();
  return placedGuests(inventory).flatMap(({ path, guest: { node, replicaOf } }) => {
    if (replicaOf === undefined) return [];
    const place = `${replicaOf} on ${node}`;
    const other = first.get(place);
    if (other === undefined) first.set(place, path.join("."));
    if (other === undefined) return [];
    return [
      {
        rule: "replicas" as const,
        subject: path.join("."),
        path: [...path, "node"],
        problem: `${node} has a replica of ${replicaOf} already, ${other}: both would be down with it.`,
        remedy: "Put it on another node.",
      },
    ];
  });
}
