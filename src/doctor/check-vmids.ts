import type { GuestPlan } from "../plan/guests.ts";
import type { ExistingGuest } from "../proxmox/answers.ts";
import { countOf, fine, problem, warning, type Finding } from "./finding.ts";

/** Whether the VMIDs of the plan are free, or ours already. */
export function checkVmids(
  planned: readonly GuestPlan[],
  existing: readonly ExistingGuest[],
  managed: ReadonlySet<number> | undefined,
): Finding[] {
  const taken = planned.flatMap((guest) => {
    const found = existing.find(({ vmid }) => vmid === guest.vmid);
    return found === undefined ? [] : [{ guest, found, finding: checkTaken(guest, found, managed) }];
  });
  const findings = taken.flatMap(({ finding }) => (finding === undefined ? [] : [finding]));
  const ours = taken.length - findings.length;
  const free = planned.length - taken.length;
  const counts = [
    ...(free > 0 ? [`${countOf(free, "VMID")} ${free === 1 ? "is" : "are"} free`] : []),
    ...(ours > 0 ? [`${countOf(ours, "guest")} ${ours === 1 ? "is" : "are"} there already`] : []),
  ];
  return [...findings, ...(counts.length === 0 ? [] : [fine("VMIDs", `${counts.join(", ")}.`)])];
}

function checkTaken(
  { name, vmid }: GuestPlan,
  found: ExistingGuest,
  managed: ReadonlySet<number> | undefined,
): Finding | undefined {
  if (managed?.has(vmid) === true) return undefined;
  const subject = `VMID ${vmid}`;
  const kind = found.type === "lxc" ? "container" : "machine";
  const other = `the ${kind} ${found.name ?? found.vmid} on ${found.node}`;
  const tagged = found.tags.split(/[;, ]/).includes("homelab");
  if (tagged && managed === undefined) return undefined;
  if (tagged) {
    return warning(
      subject,
      `It belongs to ${other}, which has the tag homelab but is not in this stack's state: creating ${name} would fail.`,
      `Was the state lost? Bring it back, or remove the guest on ${found.node} if nothing in it is worth keeping.`,
    );
  }
  return problem(
    subject,
    `It is meant for ${name}, and belongs to ${other}.`,
    `Give ${name} another address or a vmid of its own in config/homelab/, or remove the other guest.`,
  );
}
