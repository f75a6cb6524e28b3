import type { Container } from "../inventory/containers.ts";
import type { Inventory } from "../inventory/inventory.ts";

/** One Linux container, decided. */
export interface ContainerPlan {
  readonly name: string;
  readonly node: string;
  readonly vmid: number;
  readonly template: string;
  readonly cores: number;
  readonly memoryMib: number;
  readonly swapMib: number;
  readonly disk: { readonly storage: string; readonly sizeGib: number };
  readonly network: {
    readonly bridge: string;
    readonly vlan: number;
    /** Address with prefix length. */
    readonly address: string;
    readonly gateway: string;
    readonly dns: readonly string[];
  };
  readonly tags: readonly string[];
  readonly description: string;
}

const mib = 2 ** 20;
const gib = 2 ** 30;

/** Decides one container; the inventory's references are known to resolve. */
export function planContainer(name: string, container: Container, { nodes, networks }: Inventory): ContainerPlan {
  const { node, vmid, template, cores, address, disk } = container;
  const host = resolved(nodes, node);
  const { vlan, subnet, gateway, dns } = resolved(networks, container.network);
  return {
    name,
    node,
    vmid,
    template,
    cores,
    memoryMib: container.memory / mib,
    swapMib: container.swap / mib,
    disk: { storage: disk.storage, sizeGib: Math.ceil(disk.size / gib) },
    network: { bridge: host.bridge, vlan, address: `${address}/${subnet.split("/")[1] ?? ""}`, gateway, dns },
    // Proxmox keeps tags sorted: any other order would differ on every refresh.
    tags: [...new Set(["homelab", ...container.tags])].sort(),
    description: `${name}: managed by Pulumi from config/homelab/containers.yaml; changes made here are undone.`,
  };
}

function resolved<T>(record: Readonly<Record<string, T>>, name: string): T {
  const value = record[name];
  if (value === undefined) throw new Error(`"${name}" was not resolved when the inventory was checked.`);
  return value;
}
