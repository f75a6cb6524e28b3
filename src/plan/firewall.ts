import type { Container } from "../inventory/containers.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Machine } from "../inventory/machines.ts";
import type { NamedGuest } from "./named-guests.ts";
import { partName } from "./names.ts";
import { resolved } from "./resolved.ts";
import { metricsOf, prometheusGuests } from "./services/metrics.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";

type Guest = Container | Machine;

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
export function planFirewall({ nodes, containers, machines, networks }: Inventory): FirewallPlan {
  const guests = [...Object.values(containers), ...Object.values(machines)];
  const guarded = guests.some((guest) => isGuarded(guest, networks));
  const switches = sortedEntries(nodes).map(([name, { firewall }]) => [name, firewall] as const);
  return {
    enabled: guarded || switches.some(([, on]) => on),
    inputPolicy: "ACCEPT",
    outputPolicy: "ACCEPT",
    nodes: Object.fromEntries(switches),
  };
}

/** Decides what a guest lets in and out; undefined where it is neither exposed nor in the DMZ. */
export function planGuestFirewall(named: NamedGuest, inventory: Inventory): GuestFirewallPlan | undefined {
  const { name, guest } = named;
  if (!isGuarded(guest, inventory.networks)) return undefined;
  return {
    name: partName(name, "firewall"),
    optionsName: partName(name, "firewall-options"),
    inputPolicy: "DROP",
    outputPolicy: "DROP",
    rules: [...inboundRules(guest, inventory), ...metricsRules(named, inventory), ...outboundRules(guest, inventory)],
  };
}

/** Whether a guest is guarded: it is exposed, or stands in the DMZ. */
export function isGuarded({ exposure, network }: Guest, networks: Inventory["networks"]): boolean {
  return exposure === "internet" || resolved(networks, network).zone === "dmz";
}

function inboundRules({ firewall }: Guest, { networks }: Inventory): FirewallRulePlan[] {
  const management = sortedEntries(networks).filter(([, { zone }]) => zone === "management");
  return [
    ...sortedSet(firewall?.publish ?? []).map((port) => tcp("in", port, "published")),
    ...management.map(([name, { subnet }]) => ({ ...tcp("in", 22, `SSH from ${name}`), source: subnet })),
  ];
}

/** Whatever a guest tells about itself, it tells Prometheus and nobody else. */
function metricsRules(named: NamedGuest, inventory: Inventory): FirewallRulePlan[] {
  const ports = sortedSet(metricsOf(named, inventory).map(({ port }) => port));
  return prometheusGuests(inventory).flatMap(({ name, guest: { address } }) =>
    ports.map((port) => ({ ...tcp("in", port, `metrics for ${name}`), source: address })),
  );
}

function outboundRules(
  { firewall, network }: Guest,
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
