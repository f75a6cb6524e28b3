import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { NodePlan } from "../../plan/hosts.ts";
import { HomelabComponent } from "../component.ts";
import { NetworkBridge } from "./network-bridge.ts";
import { ZfsPool } from "./zfs-pool.ts";

/** What a host is built from. */
export interface ProxmoxHostArgs {
  readonly plan: NodePlan;
}

/** One Proxmox VE node; what its installer made is left alone. */
export class ProxmoxHost extends HomelabComponent {
  readonly name: string;
  readonly pools: readonly ZfsPool[];
  readonly bridges: readonly NetworkBridge[];

  constructor(name: string, { plan }: ProxmoxHostArgs, options: ComponentResourceOptions) {
    super("host:ProxmoxHost", name, options);
    this.name = name;
    this.pools = plan.pools
      .filter(({ origin }) => origin !== "installer")
      .map((pool) => new ZfsPool(pool.name, { plan: pool }, { parent: this }));
    this.bridges = plan.bridges
      .filter(({ origin }) => origin !== "installer")
      .map((bridge) => new NetworkBridge(bridge.name, { plan: bridge }, { parent: this }));
    this.registerOutputs({
      model: plan.model,
      address: plan.address,
      pools: Object.fromEntries(
        plan.pools.map(({ pool, origin, raidLevel, devices }) => [pool, { origin, raidLevel, devices }]),
      ),
    });
  }
}
