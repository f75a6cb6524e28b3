import { ContainerLegacy } from "@muhlba91/pulumi-proxmoxve/containerLegacy.js";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import type { ContainerPlan } from "../../plan/containers.ts";
import { HomelabComponent } from "../component.ts";

/** What a container is built from. */
export interface ContainerArgs {
  readonly plan: ContainerPlan;
  /** Its image, and its storages where this program makes them. */
  readonly after: readonly Resource[];
  /** Whether Proxmox VE changes its node or volumes before the engine does: a preview leaves them as they are. */
  readonly pending: boolean;
}

/** A Linux container with a static address. */
export class Container extends HomelabComponent {
  readonly name: string;
  readonly kind = "container";
  readonly plan: ContainerPlan;
  readonly resource: ContainerLegacy;

  constructor(name: string, { plan, after, pending }: ContainerArgs, options: ComponentResourceOptions) {
    super("guest:Container", name, options);
    this.name = name;
    this.plan = plan;
    this.resource = new ContainerLegacy(
      name,
      {
        nodeName: plan.node,
        vmId: plan.vmid,
        description: plan.description,
        tags: [...plan.tags],
        unprivileged: plan.unprivileged,
        features: { nesting: plan.nesting },
        operatingSystem: { templateFileId: plan.template, type: plan.distribution },
        cpu: { cores: plan.cores },
        memory: { dedicated: plan.memoryMib, swap: plan.swapMib },
        ...disksOf(plan),
        ...networkOf(plan),
        started: true,
        startOnBoot: plan.startOnBoot,
        startup: { order: plan.startup.order, upDelay: plan.startup.delaySeconds },
      },
      {
        parent: this,
        dependsOn: [...after],
        // Not Proxmox's own protection as well: with that the provider could no longer let its disk grow.
        protect: !plan.disposable,
        // Its VMID is its own: the old one has to go before the new one can come.
        deleteBeforeReplace: true,
        // Both count when the container is created only. A new key or template would replace every container.
        ignoreChanges: [
          ...["initialization.userAccount", "operatingSystem.templateFileId"],
          ...(pending ? ["nodeName", "disk", "mountPoints"] : []),
        ],
      },
    );
    this.registerOutputs({
      vmid: this.resource.vmId,
      node: plan.node,
      address: plan.network.address,
      disposable: plan.disposable,
    });
  }
}

function disksOf({ disk, mountPoints }: ContainerPlan) {
  return {
    disk: { datastoreId: disk.storage, size: disk.sizeGib },
    mountPoints: mountPoints.map(({ path, storage, sizeGib, backup }) => ({
      path,
      volume: storage,
      size: `${sizeGib}G`,
      backup,
    })),
  };
}

function networkOf({ name, network, sshKeys }: ContainerPlan) {
  const { bridge, vlan, address, gateway, dns, firewall } = network;
  return {
    networkInterfaces: [{ name: "eth0", bridge, vlanId: vlan, firewall }],
    initialization: {
      hostname: name,
      ipConfigs: [{ ipv4: { address, gateway } }],
      dns: { servers: [...dns] },
      userAccount: { keys: [...sshKeys] },
    },
  };
}
