import { parse } from "yaml";
import { createHash } from "node:crypto";
import type { Guest } from "../state/guest.ts";
import { leaseOf, networksOf, type NetworkDevice } from "./networks.ts";

/** One network interface as the guest itself sees it. */
export interface GuestInterface {
  readonly name: string;
  readonly mac: string;
  /** With their prefix lengths. */
  readonly addresses: readonly string[];
}

/** The interfaces inside a running virtual machine: those that cloud-init set up, or DHCP on all of them. */
export function guestInterfaces(guest: Guest): GuestInterface[] {
  const devices = networksOf(guest.config);
  const { cloudInit } = guest.inside;
  const configured = cloudInit === undefined ? undefined : readNetworkConfig(cloudInit.networkConfig);
  return devices.map((device) => {
    const mac = device.mac.toLowerCase();
    const found = configured?.find((candidate) => candidate.mac === mac);
    const addresses =
      configured === undefined
        ? [leaseOf(device)]
        : (found?.addresses ?? []).flatMap((address) => addressFrom(address, device));
    return { name: found?.name ?? `ens${18 + device.index}`, mac, addresses: [...addresses, linkLocal(mac)] };
  });
}

function addressFrom(address: string, device: NetworkDevice): string[] {
  if (address === "dhcp4") return [leaseOf(device)];
  if (/^(?:dhcp6|slaac)$/.test(address)) return [globalAddress(device)];
  return [address];
}

interface Configured {
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** Reads either version of cloud-init's network configuration; undefined where it is none. */
function readNetworkConfig(text: string): Configured[] | undefined {
  let config: unknown;
  try {
    config = parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(config)) return undefined;
  const inner = isRecord(config["network"]) ? config["network"] : config;
  if (Array.isArray(inner["config"])) return inner["config"].filter(isRecord).flatMap(readVersion1);
  return isRecord(inner["ethernets"]) ? Object.entries(inner["ethernets"]).map(readVersion2) : undefined;
}

function readVersion1(entry: Record<string, unknown>): Configured[] {
  if (entry["type"] !== "physical") return [];
  const subnets = Array.isArray(entry["subnets"]) ? entry["subnets"].filter(isRecord) : [];
  const addresses = subnets.flatMap(({ type, address, netmask }) => {
    if (type === "dhcp4" || type === "dhcp") return ["dhcp4"];
    if (type === "dhcp6") return ["dhcp6"];
    if (type === "ipv6_slaac") return ["slaac"];
    if (typeof address !== "string") return [];
    return [address.includes("/") ? address : `${address}/${prefixOf(netmask)}`];
  });
  return [{ name: textOf(entry["name"]), mac: textOf(entry["mac_address"]).toLowerCase(), addresses }];
}

function readVersion2([id, entry]: [string, unknown]): Configured {
  const device = isRecord(entry) ? entry : {};
  const match = isRecord(device["match"]) ? device["match"] : {};
  const fixed = Array.isArray(device["addresses"])
    ? device["addresses"].filter((item) => typeof item === "string")
    : [];
  return {
    name: typeof device["set-name"] === "string" ? device["set-name"] : id,
    mac: textOf(match["macaddress"]).toLowerCase(),
    addresses: [
      ...(device["dhcp4"] === true ? ["dhcp4"] : []),
      ...(device["dhcp6"] === true ? ["dhcp6"] : []),
      ...fixed,
    ],
  };
}

function prefixOf(netmask: unknown): number {
  if (typeof netmask !== "string") return 24;
  const bits = netmask.split(".").map((byte) => Number(byte).toString(2).replaceAll("0", "").length);
  return bits.reduce((sum, count) => sum + count, 0);
}

/** The address that an interface gives itself: RFC 4291's modified EUI-64. */
function linkLocal(mac: string): string {
  return `fe80::${interfaceId(mac)}/64`;
}

function globalAddress({ mac, bridge = "" }: NetworkDevice): string {
  const network = createHash("sha256").update(bridge).digest("hex").slice(0, 4);
  return `fd00:${network.replace(/^0+(?=.)/, "")}::${interfaceId(mac.toLowerCase())}/64`;
}

function interfaceId(mac: string): string {
  const bytes = mac.split(":").map((byte) => Number.parseInt(byte, 16));
  const [first = 0, ...rest] = bytes;
  const all = [first ^ 2, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  const groups = [0, 2, 4, 6].map((index) => ((all[index] ?? 0) << 8) | (all[index + 1] ?? 0));
  return groups.map((group) => group.toString(16)).join(":");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
