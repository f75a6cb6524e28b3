import Table from "cli-table3";
import { openTofuCommands, peerRuns, pulumiCommands } from "./commands.ts";
import type { ResourceCounts } from "./side.ts";
import type { PeerFigures } from "./summarize-rounds.ts";

/** Renders what both sides have taken for one number of containers as a table. */
export function renderPeer({ containers, rounds, resources, runs }: PeerFigures): string {
  const table = new Table({
    head: ["", "Ours", "OpenTofu", "Ratio", "Our requests", "OpenTofu's"],
    colAligns: ["left", "right", "right", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  for (const { run, ours, openTofu, ratio } of runs) {
    const seconds = [ours, openTofu].map((side) => `${side.seconds.toFixed(1)} s`);
    table.push([run, ...seconds, ratio.toFixed(1), ours.requests, openTofu.requests]);
  }
  return `${containers} ${containers === 1 ? "container" : "containers"}, ${rounds === 1 ? "one round" : `medians of ${rounds} rounds`}
${renderCounts("Ours:", resources.ours)}${renderCounts("OpenTofu:", resources.openTofu)}${table.toString()}
`;
}

function renderCounts(title: string, { same, others, internal }: ResourceCounts): string {
  const types = Object.entries(others)
    .map(([type, count]) => `${count} ${type}`)
    .sort();
  const total = Object.values(others).reduce((sum, count) => sum + count, 0);
  const lines = [
    `${same} resources: images and containers`,
    ...(total === 0 ? [] : [`${total} more on the server: ${types.join(", ")}`]),
    ...(internal === 0 ? [] : [`${internal} in the state only: components, providers and the stack`]),
  ];
  return lines.map((line, index) => `${(index === 0 ? title : "").padEnd(10)}${line}\n`).join("");
}

/** Says what the columns mean, and which commands are compared. */
export const peerLegend = `Ratio     our seconds divided by OpenTofu's: below 1.0 ours is faster
Requests  to the API of Proxmox VE, without what goes over SSH

After each run, both simulators have the same containers with the same settings. Each side uses its default parallelism:
10 operations at the same time for OpenTofu, 4 for each processor for Pulumi. What is more on our server cannot be switched
off in an inventory: the firewall's switches, and two commands over SSH for each node (the limit of ZFS's cache, the care
of the pool), whose state each of our previews reads over SSH.

${peerRuns.map((run) => `${run.padEnd(24)}pulumi ${pulumiCommands[run].join(" ")}\n${"".padEnd(24)}tofu ${openTofuCommands[run].join(" ")}\n`).join("")}`;
