import type { Simulator } from "@proxmox-homelab/simulator";

type Guests = Simulator["state"]["guests"];

/**
 * Checks that two clusters have the same containers, so that the same work is compared.
 * @throws {Error} that shows the first that differs
 */
export function compareContainers(ours: Guests, theirs: Guests): void {
  for (const vmid of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const [own, other] = [describe(ours[vmid]), describe(theirs[vmid])];
    if (own !== other) {
      throw new Error(`VMID ${vmid} is not the same on both sides.\nOurs: ${own}\nOpenTofu: ${other}`);
    }
  }
}

function describe(guest: Guests[string] | undefined): string {
  if (guest === undefined) return "missing";
  const { type, node, status, config } = guest;
  const settings = Object.entries(config)
    // Each simulator draws addresses of its own.
    .map(([name, value]) => `${name}: ${value.replace(/,hwaddr=[^,]*/, "")}`)
    .sort();
  return [type, node, status, ...settings].join("; ");
}
