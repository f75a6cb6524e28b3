import { FirewallLegacy } from "@muhlba91/pulumi-proxmoxve/cluster/firewallLegacy.js";
import { Firewall } from "@muhlba91/pulumi-proxmoxve/node/firewall.js";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import type { FirewallPlan } from "../../plan/firewall.ts";
import { HomelabComponent } from "../component.ts";

/** What the datacenter's firewall is built from. */
export interface ClusterFirewallArgs {
  readonly plan: FirewallPlan;
  /** The firewalls of guests, which are to be complete when it is switched on. */
  readonly after: readonly Resource[];
}

/** What Proxmox VE goes by where nothing is said. Unnamed, the provider would switch ebtables off. */
const unchanged = {
  ebtables: true,
  forwardPolicy: "ACCEPT",
  logRatelimit: { enabled: true, burst: 5, rate: "1/second" },
};

/**
 * The switch of all firewalls. Each node's own is decided before, since it would otherwise come on with the
 * datacenter's; so nobody is locked out of ports 8006 and 22 at any moment.
 */
export class ClusterFirewall extends HomelabComponent {
  constructor(name: string, { plan, after }: ClusterFirewallArgs, options: ComponentResourceOptions) {
    super("network:ClusterFirewall", name, options);
    const nodes = Object.entries(plan.nodes).map(
      ([node, enabled]) => new Firewall(node, { nodeName: node, enabled }, { parent: this, deleteBeforeReplace: true }),
    );
    const cluster = new FirewallLegacy(
      name,
      { ...unchanged, enabled: plan.enabled, inputPolicy: plan.inputPolicy, outputPolicy: plan.outputPolicy },
      { parent: this, dependsOn: [...nodes, ...after], deleteBeforeReplace: true },
    );
    this.registerOutputs({ enabled: cluster.enabled });
  }
}
