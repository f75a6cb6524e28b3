import type { HomelabPlan } from "../plan/plan.ts";
import type { ExistingGuest } from "../proxmox/answers.ts";
import type { Built } from "../state/built.ts";

/** Finds guests that high availability or a person has moved to another node than the one in the inventory. */
export function findMoved(
  { containers, machines }: HomelabPlan,
  { guests }: Built,
  existing: readonly ExistingGuest[],
): string[] {
  return guests.flatMap(({ kind, name, vmid, node }) => {
    const wanted = (kind === "container" ? containers : machines).find((guest) => guest.name === name);
    const found = existing.find((guest) => guest.vmid === vmid);
    if (wanted === undefined || found === undefined || wanted.node !== node || found.node === node) return [];
    const back = `${kind === "container" ? "pct" : "qm"} migrate ${vmid} ${node}`;
    return [
      `The ${kind} ${name} is on ${found.node}, and the inventory says ${node}. To keep it there, write node: ${found.node} and run npm run up: the state follows, and nothing is moved. To move it back, on ${found.node}: ${back}`,
    ];
  });
}
