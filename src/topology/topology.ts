import type { FirewallRulePlan } from "../plan/firewall.ts";
import type { ContainerPlan } from "../plan/containers.ts";
import type { MachinePlan } from "../plan/machines.ts";
import type { NetworkPlan } from "../plan/networks.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import { describeNode, type DrawnNode } from "./drawn-node.ts";
import { describeTargets, type DrawnTarget } from "./drawn-target.ts";
import { renderCompute, renderDisks } from "./size-text.ts";

/** A way from an exposed guest to one behind it. */
export interface DrawnBackend {
  readonly guest: string;
  readonly port: string;
}

/** One guest as pictures show it. */
export interface DrawnGuest {
  readonly name: string;
  readonly kind: "container" | "machine" | "talos";
  readonly node: string;
  readonly network: string;
  /** Without prefix length: that stands at the network. */
  readonly address: string;
  readonly description: string;
  /** Cores and memory. */
  readonly compute: string;
  /** Sizes, by storage. */
  readonly disks: string;
  /** Its part in a cluster. */
  readonly role?: string;
  /** Ports that anyone may reach. */
  readonly published: readonly string[];
  readonly backends: readonly DrawnBackend[];
  /** Ports that it may reach in the internet. */
  readonly internet: readonly string[];
}

/** One network as pictures show it. */
export type DrawnNetwork = Pick<NetworkPlan, "name" | "nodes" | "subnet" | "vlan" | "zone">;

/** What both pictures show, in the order in which they show it. */
export interface Topology {
  readonly networks: readonly DrawnNetwork[];
  readonly nodes: readonly DrawnNode[];
  readonly guests: readonly DrawnGuest[];
  readonly targets: readonly DrawnTarget[];
}

type Guest = ContainerPlan | MachinePlan;

/** From the internet inwards. */
const zones = ["dmz", "internal", "management"] as const;

/** Picks from the plan what pictures show. */
export function describeTopology(plan: HomelabPlan): Topology {
  const all: readonly Guest[] = [...plan.containers, ...plan.machines];
  const guests = all.map((guest) => describeGuest(guest, all, plan.networks));
  return {
    networks: zones.flatMap((zone) => plan.networks.filter((network) => network.zone === zone)),
    nodes: plan.nodes.map((node) => describeNode(node, plan)),
    guests: zones.flatMap((zone) =>
      plan.networks
        .filter((network) => network.zone === zone)
        .flatMap(({ name }) => guests.filter(({ network }) => network === name)),
    ),
    targets: describeTargets(plan),
  };
}

function describeGuest(guest: Guest, all: readonly Guest[], networks: readonly NetworkPlan[]): DrawnGuest {
  const { name, node, description } = guest;
  const rules = "firewall" in guest ? guest.firewall.rules : [];
  return {
    name,
    node,
    description,
    kind: !("kind" in guest) ? "container" : guest.kind === "talos" ? "talos" : "machine",
    network: networkOf(guest, networks),
    address: addressOf(guest),
    compute: renderCompute(guest),
    disks: renderDisks(
      "systemDisk" in guest ? [guest.systemDisk, ...guest.dataDisks] : [guest.disk, ...guest.mountPoints],
    ),
    ...("role" in guest ? { role: `${roles[guest.role]} of ${guest.cluster}` } : {}),
    published: portsOf(rules, ({ direction, source }) => direction === "in" && source === undefined),
    backends: all.flatMap((other) =>
      portsOf(rules, ({ direction, destination }) => direction === "out" && destination === addressOf(other)).map(
        (port) => ({ guest: other.name, port }),
      ),
    ),
    internet: portsOf(rules, ({ direction, destination }) => direction === "out" && destination === undefined),
  };
}

const roles = { controlPlane: "control plane", worker: "worker" } as const;

function networkOf({ name, network }: Guest, networks: readonly NetworkPlan[]): string {
  const found = networks.find(({ vlan, bridge }) => vlan === network.vlan && bridge === network.bridge);
  if (found === undefined) throw new Error(`No network of the plan has the VLAN of "${name}".`);
  return found.name;
}

function addressOf({ network }: Guest): string {
  return network.address.replace(/\/.*$/, "");
}

function portsOf(rules: readonly FirewallRulePlan[], fits: (rule: FirewallRulePlan) => boolean): string[] {
  const ports = rules.filter((rule) => rule.action === "ACCEPT" && fits(rule)).map(({ port }) => port ?? "any port");
  return [...new Set(ports)];
}
