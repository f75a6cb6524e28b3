import type { Reading } from "../proxmox/read-api.ts";
import { fine, listOf, problem, unread, warning, type Finding } from "./finding.ts";

const upgrade = "https://pve.proxmox.com/wiki/Upgrade_from_8_to_9";

/** Whether each node's Proxmox VE is new enough; by node, what it answered. */
export function checkVersions(answers: Readonly<Record<string, Reading<{ readonly version: string }>>>): Finding[] {
  const groups = new Map<string, string[]>();
  const silent: Finding[] = [];
  for (const [node, answer] of Object.entries(answers)) {
    if (answer.kind === "refused") silent.push(unread(`version of ${node}`, answer));
    else groups.set(answer.value.version, [...(groups.get(answer.value.version) ?? []), node]);
  }
  return [...[...groups].map(([version, nodes]) => checkVersion(version, listOf(nodes))), ...silent];
}

/** 9 of `9.2.3`. */
export function majorOf(version: string): number {
  return Number(version.split(".")[0]);
}

function checkVersion(version: string, nodes: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const found = `Proxmox VE ${version} on ${nodes}`;
  if (major < 8 || (major === 8 && minor < 4)) {
    return problem("version", `${found} is older than 8.4.`, `Upgrade: ${upgrade}.`);
  }
  if (major === 8) return warning("version", `${found} will do; 9 is what this is tried with.`, `Upgrade: ${upgrade}.`);
  return fine("version", `${found}.`);
}
