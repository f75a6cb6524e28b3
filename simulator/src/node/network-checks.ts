import { isIPv6 } from "node:net";
import { ApiError, invalidParameters } from "../api-error.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";

type Interfaces = Readonly<Record<string, Section>>;

const portKeys = ["bridge_ports", "slaves"] as const;

/**
 * Refuses what a request wants that another interface has: a gateway, a port.
 * @throws {ApiError} 400
 */
export function checkAgainstOthers(interfaces: Interfaces, name: string, wanted: Section): void {
  const others = Object.entries(interfaces).filter(([other]) => other !== name);
  for (const [key, what] of [
    ["gateway", "Default gateway"],
    ["gateway6", "Default ipv6 gateway"],
  ] as const) {
    const owner = wanted[key] === undefined ? undefined : others.find(([, section]) => section[key] !== undefined)?.[0];
    if (owner !== undefined) throw invalidParameters({ [key]: `${what} already exists on interface '${owner}'.` });
  }
  const key = portKeys.find((candidate) => (wanted[candidate] ?? "") !== "");
  if (key === undefined) return;
  const ports = portsOf(wanted);
  for (const [other, section] of others) {
    const taken = portsOf(section).find((port) => ports.includes(port));
    if (taken !== undefined) throw invalidParameters({ [key]: `${taken} is already used on interface '${other}'.` });
  }
}

/**
 * Refuses IPv6 addresses that no host can have.
 * @throws {ApiError} 400
 */
export function checkIpv6(address: string): void {
  if (!isIPv6(address)) throw invalidParameters({ address: `${address} is not a valid host IPv6 address.` });
  const kind = /^ff/i.test(address)
    ? "MULTICAST"
    : address === "::1"
      ? "LOOPBACK"
      : address === "::"
        ? "UNSPECIFIED"
        : undefined;
  if (kind !== undefined) {
    throw invalidParameters({ address: `${address} with type '${kind}', cannot be used as host IPv6 address.` });
  }
}

/**
 * Refuses a configuration that does not fit together, as PVE::Network::Interfaces does before it writes the file.
 * @throws {ApiError} 500
 */
export function checkFile(interfaces: Interfaces): void {
  for (const [name, section] of Object.entries(interfaces)) {
    if (section["type"] === "bond") checkBond(interfaces, name, section);
    if (section["type"] === "vlan") checkVlan(interfaces, name, section);
    if (section["type"] === "bridge") checkBridge(interfaces, name, section);
  }
}

function checkBond(interfaces: Interfaces, name: string, section: Section): void {
  const slaves = splitList(section["slaves"]);
  for (const slave of slaves) {
    const port = interfaces[slave];
    if (port === undefined) throw new ApiError(500, `bond '${name}' - unable to find slave '${slave}'`);
    const { type = "unknown" } = port;
    if (type !== "eth" && type !== "bond") {
      throw new ApiError(500, `bond '${name}' - wrong interface type on slave '${slave}' ('${type}' != 'eth or bond')`);
    }
    checkMtu(interfaces, name, slave);
  }
  const { "bond-primary": primary } = section;
  if (primary !== undefined && slaves.length > 0 && !slaves.includes(primary)) {
    throw new ApiError(500, `bond '${name}' - bond-primary interface is not a slave`);
  }
}

function checkVlan(interfaces: Interfaces, name: string, section: Section): void {
  const { "vlan-raw-device": parent, "vlan-id": id } = section;
  if (parent === undefined) throw new ApiError(500, "missing vlan-raw-device option");
  if (id === undefined) throw new ApiError(500, "missing vlan-id option");
  if (Number(id) > 4094) throw new ApiError(500, `vlan '${name}' - vlan-id ${id} should be <= 4094`);
  const type = interfaces[parent]?.["type"];
  if (type === undefined) throw new ApiError(500, `vlan '${name}' - unable to find parent '${parent}'`);
  if (!["eth", "bridge", "bond", "vlan"].includes(type)) {
    const message = `wrong interface type on parent '${parent}' ('${type}' != 'eth|bond|bridge|vlan' )`;
    throw new ApiError(500, `vlan '${name}' - ${message}`);
  }
  checkMtu(interfaces, parent, name);
}

function checkBridge(interfaces: Interfaces, name: string, section: Section): void {
  for (const port of splitList(section["bridge_ports"])) {
    const there = interfaces[port];
    // A VLAN of a device needs no block of its own to be a port.
    if (there === undefined && /\.\d+$/.test(port)) continue;
    if (there === undefined) throw new ApiError(500, `bridge '${name}' - unable to find bridge port '${port}'`);
    if (there["method"] === "static" || there["method6"] === "static") {
      throw new ApiError(500, `iface ${port} - ip address can't be set on interface if bridged in ${name}`);
    }
    checkMtu(interfaces, port, name);
  }
}

function checkMtu(interfaces: Interfaces, parent: string, child: string): void {
  const wanted = interfaces[child]?.["mtu"];
  if (wanted === undefined) return;
  const { type, mtu = type === "bond" ? wanted : "1500" } = interfaces[parent] ?? {};
  if (Number(mtu) < Number(wanted)) {
    throw new ApiError(500, `interface '${parent}' - mtu ${mtu} is lower than '${child}' - mtu ${wanted}`);
  }
}

function portsOf(section: Section): string[] {
  return portKeys.flatMap((key) => splitList(section[key]));
}
