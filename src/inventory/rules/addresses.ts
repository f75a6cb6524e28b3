import type { Inventory } from "../inventory.ts";
import { parseIpv4, parseIpv4Network } from "../ipv4.ts";
import { highestHostPart, hostPartOf } from "../vmid.ts";
import { placedGuests, type RuleIssue } from "./rule.ts";

/** Addresses lie where their networks are, and VMIDs can be derived from them. */
export function checkAddresses(inventory: Inventory): RuleIssue[] {
  return [
    ...placedGuests(inventory).flatMap(({ path, guest }) => [
      ...membership([...path, "address"], guest, inventory),
      ...derivedVmid(path, guest, inventory),
    ]),
    ...gateways(inventory),
    ...managementAddresses(inventory),
  ];
}

interface Addressed {
  readonly address: string;
  readonly network: string;
  readonly vmid?: number | undefined;
}

function membership(
  path: readonly string[],
  { address, network: name }: Addressed,
  { networks }: Inventory,
): RuleIssue[] {
  const network = networks[name];
  const range = network && parseIpv4Network(network.subnet);
  if (range === undefined) return [];
  const remedy = `Choose a free address in networks.${name} (${network?.subnet ?? ""}).`;
  const number = parseIpv4(address);
  if (number < range.first || number > range.last) {
    return [{ path, problem: `${address} is not in networks.${name}.`, remedy }];
  }
  if (address === network?.gateway)
    return [{ path, problem: `${address} is the gateway of networks.${name}.`, remedy }];
  if (number === range.first || number === range.last) {
    return [{ path, problem: `${address} is the network or broadcast address of networks.${name}.`, remedy }];
  }
  return [];
}

function derivedVmid(
  path: readonly string[],
  { address, network: name, vmid }: Addressed,
  { networks }: Inventory,
): RuleIssue[] {
  const network = networks[name];
  if (vmid !== undefined || network === undefined) return [];
  const hostPart = hostPartOf(address, network.subnet);
  if (hostPart <= highestHostPart) return [];
  return [
    {
      path: [...path, "address"],
      problem: `The VMID cannot be derived: ${address} is number ${hostPart} of its network, and VLAN × 1000 has room for ${highestHostPart}.`,
      remedy: "Give it a vmid of its own, or choose a lower address.",
    },
  ];
}

function gateways({ networks }: Inventory): RuleIssue[] {
  return Object.entries(networks).flatMap(([name, { subnet, gateway }]) => {
    const range = parseIpv4Network(subnet);
    const number = parseIpv4(gateway);
    if (range === undefined || (number > range.first && number < range.last)) return [];
    return [
      {
        path: ["networks", name, "gateway"],
        problem: `The gateway ${gateway} is not a host of ${subnet}: nobody there could reach it.`,
        remedy: "Give the router's address in this network.",
      },
    ];
  });
}

function managementAddresses({ nodes, networks }: Inventory): RuleIssue[] {
  const management = Object.entries(networks).filter(([, { zone }]) => zone === "management");
  return Object.entries(nodes).flatMap(([name, { address }]) => {
    const number = parseIpv4(address);
    const inside = management.some(([, { subnet }]) => {
      const range = parseIpv4Network(subnet);
      return range !== undefined && number > range.first && number < range.last;
    });
    if (inside) return [];
    const subnets = management.map(([key, { subnet }]) => `${key} (${subnet})`).join(", ");
    return [
      {
        path: ["nodes", name, "address"],
        problem: `${address} is in no network with zone management: the firewall would not know from where nodes are managed.`,
        remedy: subnets === "" ? "Add that network to networks.yaml." : `Give the node's address in ${subnets}.`,
      },
    ];
  });
}
