import type { ContainerPlan } from "../../../src/plan/containers.ts";
import type { ImagePlan } from "../../../src/plan/images.ts";
import type { HomelabPlan } from "../../../src/plan/plan.ts";
import { Reference, renderBlock } from "./render-hcl.ts";

/** Where a node takes SSH. */
export interface SshPlace {
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

const requirements = `terraform {
  required_providers {
    proxmox = { source = "bpg/proxmox" }
  }
}
`;

/** Renders the images and containers of a plan as a configuration of OpenTofu, with the settings that our program sends. */
export function renderConfiguration({ images, containers }: HomelabPlan, ssh: readonly SshPlace[]): string {
  return [
    requirements,
    renderBlock("provider", ["proxmox"], {
      // Without an address of its own, the provider would dial the one that the node gives.
      ssh: { agent: false, node: ssh.map(({ node, host, port }) => ({ name: node, address: host, port })) },
    }),
    ...images.map(renderImage),
    ...containers.map(renderContainer),
  ].join("\n");
}

function renderImage({ name, node, storage, contentType, url, fileName, checksum }: ImagePlan): string {
  return renderBlock("resource", ["proxmox_download_file", name], {
    node_name: node,
    datastore_id: storage,
    content_type: contentType,
    url,
    file_name: fileName,
    ...(checksum === undefined ? {} : { checksum: checksum.value, checksum_algorithm: checksum.algorithm }),
    overwrite: false,
    overwrite_unmanaged: true,
  });
}

function renderContainer({ name, network, ...plan }: ContainerPlan): string {
  return renderBlock("resource", ["proxmox_virtual_environment_container", name], {
    node_name: plan.node,
    vm_id: plan.vmid,
    description: plan.description,
    tags: plan.tags,
    unprivileged: plan.unprivileged,
    started: true,
    start_on_boot: plan.startOnBoot,
    features: { nesting: plan.nesting },
    operating_system: {
      template_file_id: new Reference(`proxmox_download_file.${plan.image}.id`),
      type: plan.distribution,
    },
    cpu: { cores: plan.cores },
    memory: { dedicated: plan.memoryMib, swap: plan.swapMib },
    disk: { datastore_id: plan.disk.storage, size: plan.disk.sizeGib },
    network_interface: { name: "eth0", bridge: network.bridge, vlan_id: network.vlan, firewall: network.firewall },
    initialization: {
      hostname: name,
      ip_config: { ipv4: { address: network.address, gateway: network.gateway } },
      dns: { servers: network.dns },
      user_account: { keys: plan.sshKeys },
    },
    startup: { order: plan.startup.order, up_delay: plan.startup.delaySeconds },
  });
}
