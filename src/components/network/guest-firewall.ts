import { OptionsLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/optionsLegacy.js";
import { RulesLegacy } from "@muhlba91/pulumi-proxmoxve/firewall/rulesLegacy.js";
import type { ContainerLegacy } from "@muhlba91/pulumi-proxmoxve/containerLegacy.js";
import type { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import type { FirewallRulePlan, GuestFirewallPlan } from "../../plan/firewall.ts";
import { HomelabComponent } from "../component.ts";

/** The guest that a firewall stands before. */
export interface GuardedGuest {
  readonly kind: "container" | "machine";
  readonly vmid: number;
  readonly resource: ContainerLegacy | VmLegacy;
}

/** What a guest's firewall is built from. */
export interface GuestFirewallArgs {
  readonly plan: GuestFirewallPlan;
  readonly guest: GuardedGuest;
}

/** What Proxmox VE goes by where nothing is said. Unnamed, the provider would write other values. */
const unchanged = { dhcp: true, ndp: true, radv: false, macfilter: true, ipfilter: false };

/** The firewall before one guest: its rules first, then the policies that drop all else. */
export class GuestFirewall extends HomelabComponent {
  readonly resources: readonly Resource[];

  constructor(name: string, { plan, guest }: GuestFirewallArgs, options: ComponentResourceOptions) {
    super("network:GuestFirewall", name, options);
    const { kind, vmid, resource } = guest;
    const subject = { nodeName: resource.nodeName, ...(kind === "machine" ? { vmId: vmid } : { containerId: vmid }) };
    // Proxmox deletes a guest's firewall with the guest. Without this, one that is made anew would stand unguarded.
    const fate = { parent: this, replaceWith: [resource], deletedWith: resource, deleteBeforeReplace: true };
    const rules = new RulesLegacy(
      plan.name,
      { ...subject, rules: plan.rules.map(ruleOf) },
      { ...fate, dependsOn: [resource] },
    );
    const policies = new OptionsLegacy(
      plan.optionsName,
      { ...subject, ...unchanged, enabled: true, inputPolicy: plan.inputPolicy, outputPolicy: plan.outputPolicy },
      { ...fate, dependsOn: [rules] },
    );
    this.resources = [rules, policies];
    this.registerOutputs({ rules: plan.rules.length });
  }
}

function ruleOf({ direction, action, comment, protocol, port, source, destination }: FirewallRulePlan) {
  return { type: direction, action, comment, proto: protocol, dport: port, source, dest: destination };
}
