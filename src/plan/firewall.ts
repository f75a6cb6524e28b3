import type { Inventory } from "../inventory/inventory.ts";
import type { Machine } from "../inventory/machines.ts";
import { partName } from "./names.ts";
import { resolved } from "./resolved.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";

/** One rule of Proxmox's firewall; the first that fits decides. */
export interface FirewallRulePlan {
  readonly direction: "in" | "out";
  readonly action: "ACCEPT" | "DROP";
  readonly comment: string;
  readonly protocol?: "tcp" | "udp";
  readonly port?: string;
  readonly source?: string;
  readonly destination?: string;
}

/** The firewall before one guest: what no rule lets through is dropped. */
export interface GuestFirewallPlan {
  /** Logical name of the rules; the options have their own. */
  readonly name: string;
  readonly optionsName: string;
  readonly inputPolicy: "DROP";
  readonly outputPolicy: "DROP";
  readonly rules: readonly FirewallRulePlan[];
}

/** The firewall of the datacenter: without it no guest's rules are in force. */
export interface FirewallPlan {
  readonly enabled: boolean;
  readonly inputPolicy: "ACCEPT";
  readonly outputPolicy: "ACCEPT";
  /** Whether each node guards itself; said of every node, for enabling the datacenter's would otherwise lock out. */
  readonly nodes: Readonly<Record<string, boolean>>;
}

/** Decides the datacenter's firewall: on as soon as one guest or node is guarded. */
export function planFirewall({ nodes, machines, networks }: Inventory): FirewallPlan {
  const guarded = Object.values(machines).some(({ network }) => resolved(networks, network).zone === "dmz");
  const switches = sortedEntries(nodes).map(([name, { firewall }]) => [name, firewall] as const);
  return {
    enabled: guarded || switches.some(([, on]) => on),
    inputPolicy: "ACCEPT",
    outputPolicy: "ACCEPT",
    nodes: Object.fromEntries(switches),
  };
}

/** Decides what a machine in the DMZ lets in and out; undefined for one that stands elsewhere. */
export function planGuestFirewall(name: string, machine: Machine, inventory: Inventory): GuestFirewallPlan | undefined {
  if (resolved(inventory.networks, machine.network).zone !== "dmz") return undefined;
  return {
    name: partName(name, "firewall"),
    optionsName: partName(name, "firewall-options"),
    inputPolicy: "DROP",
    outputPolicy: "DROP",
    rules: [...inboundRules(machine, inventory), ...outboundRules(machine, inventory)],
  };
}

function inboundRules({ firewall }: Machine, { networks }: Inventory): FirewallRulePlan[] {
  const management = sortedEntries(networks).filter(([, { zone }]) => zone === "management");
  return [
    ...sortedSet(firewall?.publish ?? []).map((port) => tcp("in", port, "published")),
    ...management.map(([name, { subnet }]) => ({ ...tcp("in", 22, `SSH from ${name}`), source: subnet })),
  ];
}

function outboundRules(
  { firewall, network }: Machine,
  { networks, containers, machines }: Inventory,
): FirewallRulePlan[] {
  const { dns, gateway } = resolved(networks, network);
  const backends = sortedSet(firewall?.backends ?? []).map((name) => {
    const { address, service } = resolved({ ...containers, ...machines }, name);
    if (service === undefined) throw new Error(`"${name}" was not checked to have a service.`);
    return { ...tcp("out", service.port, `backend ${name}`), destination: address };
  });
  const names = sortedSet(dns).flatMap((destination) =>
    (["udp", "tcp"] as const).map((protocol) => ({ ...out(protocol, 53, "DNS"), destination })),
  );
  // The router serves time, as it does on every network.
  const time = { ...out("udp", 123, "NTP"), destination: gateway };
  const internet = [...(firewall?.internet ?? [])].sort((a, b) => a.port - b.port);
  const closed = sortedEntries(networks).map(([name, { subnet }]) => ({
    direction: "out" as const,
    action: "DROP" as const,
    comment: `nothing else of ${name}`,
    destination: subnet,
  }));
  return [
    ...backends,
    ...names,
    time,
    ...(internet.length === 0 ? [] : closed),
    ...internet.map(({ port, reason }) => tcp("out", port, reason)),
  ];
}

function out(protocol: "tcp" | "udp", port: number, comment: string): FirewallRulePlan {
  return { direction: "out", action: "ACCEPT", protocol, port: String(port), comment };
}

function tcp(direction: "in" | "out", port: number, comment: string): FirewallRulePlan {
  return { direction, action: "ACCEPT", protocol: "tcp", port: String(port), comment };
}
