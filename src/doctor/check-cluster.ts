import type { NodePlan } from "../plan/hosts.ts";
import type { ClusterStatus } from "../proxmox/answers.ts";
import { fine, listOf, problem, warning, type Finding } from "./finding.ts";

/** Whether the plan's nodes are there, in one cluster that has its quorum. */
export function checkCluster(nodes: readonly NodePlan[], status: ClusterStatus): Finding[] {
  const members = status.filter((entry) => entry.type === "node");
  return [
    checkQuorum(nodes, status),
    ...nodes.map((node) =>
      checkNode(
        node,
        members.find(({ name }) => name === node.name),
        members.map(({ name }) => name),
      ),
    ),
    ...members
      .filter(({ name }) => !nodes.some((node) => node.name === name))
      .map(({ name }) =>
        warning(
          `node ${name}`,
          "It is in the cluster, but not in the inventory: nothing is put there, and nothing there is backed up.",
          "Describe it in config/homelab/nodes.yaml if it is to take part.",
        ),
      ),
  ];
}

function checkQuorum(nodes: readonly NodePlan[], status: ClusterStatus): Finding {
  const cluster = status.find((entry) => entry.type === "cluster");
  if (cluster === undefined) {
    if (nodes.length < 2) return fine("cluster", "The node stands alone.");
    return problem(
      "cluster",
      `${listOf(nodes.map(({ name }) => name))} are to be one cluster, and the node that answers is in none.`,
      `Make it on the first node, and let the others join:\n  pvecm create homelab\n  pvecm add ${nodes[0]?.address ?? "ADDRESS"}`,
    );
  }
  if (cluster.quorate) return fine("cluster", `The cluster ${cluster.name} has its quorum.`);
  return problem(
    "cluster",
    `The cluster ${cluster.name} has no quorum: nothing can be changed.`,
    "Start the nodes that are down; see who is missing with:\n  pvecm status",
  );
}

type Member = Extract<ClusterStatus[number], { type: "node" }>;

function checkNode({ name, address }: NodePlan, member: Member | undefined, known: readonly string[]): Finding {
  const subject = `node ${name}`;
  if (member === undefined) {
    return problem(
      subject,
      `It is not in the cluster, which has ${listOf(known)}.`,
      `Write its name in config/homelab/nodes.yaml as the node itself has it, or let it join:\n  pvecm add ${address}`,
    );
  }
  if (!member.online) return problem(subject, "It is offline.", "Start it, and look at its network cable.");
  if (member.ip !== undefined && member.ip !== address) {
    return warning(
      subject,
      `It has the address ${member.ip}, not ${address} as the inventory says.`,
      `Correct nodes.${name}.address in config/homelab/nodes.yaml.`,
    );
  }
  return fine(subject, `It is online at ${address}.`);
}
