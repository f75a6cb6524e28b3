import { Zfs } from "@muhlba91/pulumi-proxmoxve/node/disk/zfs.js";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { PoolPlan } from "../../plan/hosts.ts";
import { HomelabComponent, ownership } from "../component.ts";

/** What a pool is built from. */
export interface ZfsPoolArgs {
  readonly plan: PoolPlan;
}

/** A ZFS pool that this program makes. It is never destroyed: at worst it is forgotten, and stays on its disks. */
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
      { parent: this, protect: plan.origin === "create", retainOnDelete: true, ...ownership(plan.origin) },
    );
    const { name: pool, state } = this.resource;
    this.registerOutputs({ pool, state, released: plan.origin === "release" });
  }
}
