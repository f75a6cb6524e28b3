import { fine, listOf, problem, warning, type Finding } from "./finding.ts";

const upgrade = "https://pve.proxmox.com/wiki/Upgrade_from_8_to_9";

/** Whether each node's Proxmox VE is new enough; by node, those that answered. */
export function checkVersions(versions: Readonly<Record<string, string>>): Finding[] {
  const groups = new Map<string, string[]>();
  for (const [node, version] of Object.entries(versions)) groups.set(version, [...(groups.get(version) ?? []), node]);
  return [...groups].map(([version, nodes]) => checkVersion(version, listOf(nodes)));
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
