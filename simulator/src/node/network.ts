import { invalidParameters } from "../api-error.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";
import type { NodeState } from "../state/node.ts";
import { familiesOf, renderInterfaces } from "./interfaces-file.ts";
import { checkFile } from "./network-checks.ts";
import { unifiedDiff } from "./unified-diff.ts";

type Interfaces = Record<string, Section>;

/** An interface as the API shows it. */
export type ShownInterface = Readonly<Record<string, string | number | readonly string[]>> & {
  readonly type: string;
  readonly method: string;
};

/** The order of the blocks in the file. */
const rank: Readonly<Record<string, number>> = { eth: 2, bond: 4, bridge: 5, vlan: 6 };
const numbers = new Set(["mtu", "vlan-id"]);
const flags = new Set(["autostart", "bridge_vlan_aware", "exists"]);

/** The interfaces as they will be after a reload: every reader but the kernel sees these. */
export function configured({ interfaces, pendingInterfaces }: NodeState): Interfaces {
  return pendingInterfaces ?? interfaces;
}

/** What a reload would change, as `diff -u` prints it. */
export function pendingChanges({ interfaces, pendingInterfaces }: NodeState): string | undefined {
  if (pendingInterfaces === undefined) return undefined;
  return unifiedDiff(
    { name: "/etc/network/interfaces", text: renderInterfaces(interfaces) },
    { name: "/etc/network/interfaces.new", text: renderInterfaces(pendingInterfaces) },
  );
}

/** Writes /etc/network/interfaces.new, if everything in it fits together. */
export function writePending(node: NodeState, changed: Interfaces): void {
  const normal = Object.entries(changed).map(([name, section]) => [name, normalize(name, section)] as const);
  const interfaces: Interfaces = Object.fromEntries(
    normal
      .map(([name, section], index) => ({ name, section, index }))
      .sort(byPlace)
      .map(({ name, section }) => [name, section]),
  );
  for (const { slaves } of Object.values(interfaces)) {
    for (const slave of splitList(slaves)) {
      if (interfaces[slave] !== undefined) interfaces[slave] = { ...interfaces[slave], autostart: "1" };
    }
  }
  checkFile(interfaces);
  node.pendingInterfaces = interfaces;
}

/** An interface as the API shows it, or the loopback device. */
export function showInterface(node: NodeState, name: string): ShownInterface {
  const interfaces = configured(node);
  const section = interfaces[name];
  if (section === undefined && name === "lo") return loopback;
  if (section === undefined) throw invalidParameters({ iface: "interface does not exist" });
  const { type = "unknown", method = "manual", method6 = "manual", ...rest } = section;
  const values = Object.entries(rest).filter(([key]) => key !== "exists");
  return {
    ...Object.fromEntries(values.map(([key, value]) => [key, convert(key, value)])),
    ...addressOf(rest["cidr"], ""),
    ...addressOf(rest["cidr6"], "6"),
    type,
    method,
    method6,
    families: familiesOf(section),
    // `lo` comes first in the file.
    priority: Object.keys(interfaces).indexOf(name) + 3,
    ...(existsPhysically(interfaces, name) ? { exists: 1 } : {}),
    ...(isActive(node, name) ? { active: 1 } : {}),
  };
}

const loopback: ShownInterface = {
  type: "loopback",
  method: "loopback",
  method6: "manual",
  families: ["inet"],
  autostart: 1,
  active: 1,
  priority: 2,
};

function convert(key: string, value: string): string | number {
  return numbers.has(key) || flags.has(key) ? Number(value) : value;
}

function addressOf(cidr: string | undefined, suffix: "" | "6"): Record<string, string> {
  const [address, netmask] = cidr?.split("/") ?? [];
  return address === undefined || netmask === undefined
    ? {}
    : { [`address${suffix}`]: address, [`netmask${suffix}`]: netmask };
}

function existsPhysically(interfaces: Interfaces, name: string): boolean {
  const { type, exists, "vlan-raw-device": parent } = interfaces[name] ?? {};
  return type === "vlan" && parent !== undefined ? interfaces[parent]?.["exists"] === "1" : exists === "1";
}

/** Up now: started at boot, or a port of what was. */
function isActive({ interfaces }: NodeState, name: string): boolean {
  const section = interfaces[name];
  if (section === undefined) return false;
  if (section["autostart"] === "1") return true;
  return Object.values(interfaces).some(
    ({ autostart, bridge_ports: ports, slaves }) =>
      autostart === "1" && splitList(`${ports ?? ""} ${slaves ?? ""}`).includes(name),
  );
}

interface Placed {
  readonly name: string;
  readonly section: Section;
  readonly index: number;
}

function byPlace(a: Placed, b: Placed): number {
  const place = ({ section }: Placed) => rank[section["type"] ?? ""] ?? 9;
  return place(a) - place(b) || a.index - b.index;
}

/** What comes out when Proxmox reads what it has written: names say the type, and defaults are filled in. */
function normalize(name: string, section: Section): Section {
  const type = typeOf(name, section);
  const { comments, autostart, ...rest } = section;
  const common: Section = {
    ...rest,
    type,
    ...(autostart === "1" ? { autostart } : {}),
    ...(comments === undefined || comments === "" ? {} : { comments: comments.replace(/\n*$/, "\n") }),
  };
  if (type === "bridge") return normalizeBridge(common);
  if (type === "bond") return normalizeBond(common);
  if (type !== "vlan") return common;
  const [, parent, id] = /^(\S+)\.(\d+)$/.exec(name) ?? [];
  if (parent !== undefined && id !== undefined) return { ...common, "vlan-raw-device": parent, "vlan-id": id };
  const named = /^vlan(\d+)$/.exec(name)?.[1];
  return named === undefined ? common : { ...common, "vlan-id": named };
}

function normalizeBridge({ bridge_vlan_aware: aware, bridge_vids: vids, ...rest }: Section): Section {
  return {
    ...rest,
    bridge_ports: sortedPorts(rest["bridge_ports"]),
    bridge_stp: rest["bridge_stp"] ?? "off",
    bridge_fd: rest["bridge_fd"] ?? "0",
    // Whatever its value is: Proxmox writes `bridge-vlan-aware yes` where the setting is there at all.
    ...(aware === undefined ? {} : { bridge_vlan_aware: "1", bridge_vids: splitList(vids ?? "2-4094").join(" ") }),
  };
}

function normalizeBond({ bond_xmit_hash_policy: policy, "bond-primary": primary, ...rest }: Section): Section {
  const { bond_mode: mode = "balance-rr", bond_miimon: interval = "100" } = rest;
  return {
    ...rest,
    slaves: sortedPorts(rest["slaves"]),
    bond_mode: mode,
    bond_miimon: interval,
    ...(policy !== undefined && ["balance-xor", "802.3ad"].includes(mode) ? { bond_xmit_hash_policy: policy } : {}),
    ...(primary !== undefined && mode === "active-backup" ? { "bond-primary": primary } : {}),
  };
}

function sortedPorts(ports: string | undefined): string {
  return [...new Set(splitList(ports))].sort().join(" ");
}

function typeOf(name: string, { type, exists, "vlan-raw-device": parent }: Section): string {
  if (type === "bridge") return "bridge";
  if (/^bond\d+$/.test(name)) return "bond";
  if (/^\S+:\d+$/.test(name)) return "alias";
  if (/^\S+\.\d+$/.test(name) || parent !== undefined) return "vlan";
  return exists === "1" || /^(eth\d+|en[^:.]+|ib[^:.]+|(nic|if)\d+)$/.test(name) ? "eth" : "unknown";
}
