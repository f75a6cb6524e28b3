import { isIPv4 } from "node:net";
import { invalidParameters } from "../api-error.ts";
import { toBits } from "../firewall/addresses.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** What a subnet's ID tells of it. */
export interface SubnetNetwork {
  readonly zone: string;
  readonly cidr: string;
  readonly network: string;
  readonly mask: string;
}

/** One range of addresses of a subnet that DHCP gives out. */
export interface DhcpRange {
  readonly "start-address": string;
  readonly "end-address": string;
}

/** `internal-10.20.0.0-24` → zone and network. */
export function networkOf(id: string): SubnetNetwork {
  const [zone = "", network = "", mask = ""] = id.split("-");
  return { zone, network, mask, cidr: `${network}/${mask}` };
}

/** The ranges that a subnet's section has, one on each line. */
export function dhcpRangesOf({ "dhcp-range": lines = "" }: Section): DhcpRange[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({
      "start-address": /start-address=([^,]*)/.exec(line)?.[1] ?? "",
      "end-address": /end-address=([^,]*)/.exec(line)?.[1] ?? "",
    }));
}

/**
 * Refuses a subnet that does not fit its vnet, or whose addresses are outside of it.
 * @throws {ApiError} 400
 */
export function checkSubnet(world: World, id: string, subnet: Section): void {
  const { cidr, mask } = networkOf(id);
  const { vnet = "", gateway } = subnet;
  if (world.state.sdn.configured.vnets[vnet]?.["vlanaware"] === "1")
    throw invalidParameters({ vnet: "you can't add a subnet on a vlanaware vnet" });
  const isPointToPoint = gateway !== undefined && isIPv4(gateway) && mask === "32";
  if (gateway !== undefined && !isPointToPoint && !isInside(cidr, gateway))
    throw invalidParameters({ gateway: `${gateway} is not in subnet ${cidr}` });
  const ranges = dhcpRangesOf(subnet);
  for (const [index, range] of ranges.entries()) {
    const problem = rangeProblem(cidr, range, ranges.slice(0, index));
    if (problem !== undefined) throw invalidParameters({ "dhcp-range": problem });
  }
}

function rangeProblem(cidr: string, range: DhcpRange, before: readonly DhcpRange[]): string | undefined {
  const { "start-address": start, "end-address": end } = range;
  if (toBits(start) > toBits(end)) return `start-address ${start} must be smaller than end-address ${end}`;
  if (!isInside(cidr, start)) return `start-address ${start} is not in subnet ${cidr}`;
  if (!isInside(cidr, end)) return `end-address ${end} is not in subnet ${cidr}`;
  const overlaps = before.some(
    (other) => toBits(start) <= toBits(other["end-address"]) && toBits(other["start-address"]) <= toBits(end),
  );
  return overlaps ? "dhcp ranges must not overlap" : undefined;
}

function isInside(cidr: string, address: string): boolean {
  const [network = "", mask = ""] = cidr.split("/");
  const [inner, outer] = [toBits(address), toBits(network)];
  return inner.length === outer.length && inner.slice(0, Number(mask)) === outer.slice(0, Number(mask));
}
