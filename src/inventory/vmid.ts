import { parseIpv4, parseIpv4Network } from "./ipv4.ts";

/** What a VMID is derived from. */
export interface Numbered {
  readonly vmid?: number | undefined;
  readonly address: string;
}

/** The highest host part that still fits below the next VLAN's VMIDs. */
export const highestHostPart = 999;

/** The number of an address within its network: 10 for 10.20.0.10 in 10.20.0.0/24. */
export function hostPartOf(address: string, subnet: string): number {
  return parseIpv4(address) - (parseIpv4Network(subnet)?.first ?? 0);
}

/** The VMID as given, or VLAN × 1000 + host part; it depends on nothing else, so that no other guest can change it. */
export function vmidOf({ vmid, address }: Numbered, { vlan, subnet }: { vlan: number; subnet: string }): number {
  return vmid ?? vlan * 1000 + hostPartOf(address, subnet);
}
