import { Zfs } from "@muhlba91/pulumi-proxmoxve/node/disk/zfs.js";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { PoolPlan } from "../../plan/hosts.ts";
import { HomelabComponent } from "../component.ts";

/** What a pool is built from. */
export interface ZfsPoolArgs {
  readonly plan: PoolPlan;
}

/**
 * A ZFS pool that this program creates. A run never destroys one: at worst the state forgets it, and it stays on its disks. The
 * provider writes these inputs once and cannot change or read them. `src/edits/check-pools.ts` refuses edits of them that the pool
 * on the node does not have, and the step of `src/plan/host-steps.ts` sets what can be set later.
 */
export class ZfsPool extends HomelabComponent {
  readonly name: string;
  readonly resource: Zfs;

  constructor(name: string, { plan }: ZfsPoolArgs, options: ComponentResourceOptions) {
    super("host:ZfsPool", name, options);
    this.name = name;
    this.resource = new Zfs(
      name,
      {
        nodeName: plan.node,
        name: plan.pool,
        raidlevel: plan.raidLevel,
        devices: [...plan.devices],
        ashift: plan.ashift,
        compression: plan.compression,
        // The storage is a resource of its own.
        addStorage: false,
        cleanupConfig: false,
        cleanupDisks: false,
      },
      {
        parent: this,
        protect: true,
        retainOnDelete: true,
        ignoreChanges: ["devices", "raidlevel", "ashift", "compression"],
      },
    );
    this.registerOutputs({ pool: this.resource.name, state: this.resource.state });
  }
}
