import type { HomelabPlan } from "../plan/plan.ts";
import type { ExistingGuest } from "../proxmox/answers.ts";
import { countOf, fine, renderBytes, warning, type Finding } from "./finding.ts";

const mib = 2 ** 20;

/** Whether a node has the memory for its guests, those that others have made, and ZFS. */
export function checkMemory(
  plan: HomelabPlan,
  node: string,
  totalBytes: number,
  existing: readonly ExistingGuest[],
): Finding {
  const subject = `memory of ${node}`;
  const guests = [...plan.containers, ...plan.machines].filter((guest) => guest.node === node);
  const others = existing.filter(
    ({ node: where, vmid, status }) =>
      where === node && status === "running" && !guests.some((guest) => guest.vmid === vmid),
  );
  const arc = plan.nodes.find(({ name }) => name === node)?.arcLimitBytes ?? 0;
  const own = guests.reduce((sum, { memoryMib }) => sum + memoryMib * mib, 0);
  const foreign = others.reduce((sum, { maxmem }) => sum + maxmem, 0);
  const parts = [
    `${renderBytes(own)} for ${countOf(guests.length, "guest")}`,
    ...(foreign > 0 ? [`${renderBytes(foreign)} for ${countOf(others.length, "guest")} of others`] : []),
    `up to ${renderBytes(arc)} for ZFS`,
  ].join(", ");
  const needed = own + foreign + arc;
  if (needed > totalBytes) {
    return warning(
      subject,
      `It has ${renderBytes(totalBytes)}, and ${renderBytes(needed)} are promised: ${parts}.`,
      "Give guests less memory or put some on another node; when all of them take what they may, the kernel ends one.",
    );
  }
  return fine(subject, `${renderBytes(needed)} of ${renderBytes(totalBytes)}: ${parts}.`);
}
