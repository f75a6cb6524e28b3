import { ContainerLegacy } from "@muhlba91/pulumi-proxmoxve/containerLegacy.js";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { ContainerPlan } from "../../plan/containers.ts";
import { HomelabComponent } from "../component.ts";
import type { GuestOutput } from "../homelab.ts";

/** What a container is built from. */
export interface ContainerArgs {
  readonly plan: ContainerPlan;
}

/** An unprivileged Linux container with a static address. */
export class Container extends HomelabComponent {
  readonly plan: ContainerPlan;
  readonly output: GuestOutput;

  constructor(name: string, { plan }: ContainerArgs, options: ComponentResourceOptions) {
    super("guest:Container", name, options);
    const { network, disk } = plan;
    const container = new ContainerLegacy(
      name,
      {
        nodeName: plan.node,
        vmId: plan.vmid,
        description: plan.description,
        tags: [...plan.tags],
        unprivileged: true,
        operatingSystem: { templateFileId: plan.template, type: "debian" },
        cpu: { cores: plan.cores },
        memory: { dedicated: plan.memoryMib, swap: plan.swapMib },
        disk: { datastoreId: disk.storage, size: disk.sizeGib },
        networkInterfaces: [{ name: "eth0", bridge: network.bridge, vlanId: network.vlan }],
        initialization: {
          hostname: plan.name,
          ipConfigs: [{ ipv4: { address: network.address, gateway: network.gateway } }],
          dns: { servers: [...network.dns] },
        },
      },
      { parent: this },
    );
    this.plan = plan;
    this.output = { vmid: container.vmId, node: plan.node, address: network.address };
    this.registerOutputs({ ...this.output });
  }
}
