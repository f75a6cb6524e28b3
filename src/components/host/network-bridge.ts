import { Bridge } from "@muhlba91/pulumi-proxmoxve/network/linux/bridge.js";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { BridgePlan } from "../../plan/hosts.ts";
import { HomelabComponent, ownership } from "../component.ts";

/** What a bridge is built from. */
export interface NetworkBridgeArgs {
  readonly plan: BridgePlan;
}

/** A bridge that guests are attached to, besides the one that the installer made. */
export class NetworkBridge extends HomelabComponent {
  readonly plan: BridgePlan;
  readonly resource: Bridge;

  constructor(name: string, { plan }: NetworkBridgeArgs, options: ComponentResourceOptions) {
    super("host:NetworkBridge", name, options);
    this.plan = plan;
    this.resource = new Bridge(
      name,
      { nodeName: plan.node, name: plan.bridge, ports: [...plan.ports], vlanAware: plan.vlanAware },
      { parent: this, deleteBeforeReplace: true, ...ownership(plan.origin) },
    );
    this.registerOutputs({ bridge: this.resource.name, released: plan.origin === "release" });
  }
}
