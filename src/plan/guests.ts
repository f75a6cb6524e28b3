import type { Container } from "../inventory/containers.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Machine } from "../inventory/machines.ts";
import { vmidOf } from "../inventory/vmid.ts";
import { planGuestFirewall, type GuestFirewallPlan } from "./firewall.ts";
import type { NamedGuest } from "./named-guests.ts";
import { resolved } from "./resolved.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";

/** How a guest is attached to its network. */
export interface GuestNetworkPlan {
  readonly bridge: string;
  readonly vlan: number;
  /** Address with prefix length. */
  readonly address: string;
  readonly gateway: string;
  readonly dns: readonly string[];
  /** Whether its packets pass Proxmox's firewall. */
  readonly firewall: boolean;
}

/** When a guest starts, and how long the next one waits. */
export interface StartupPlan {
  readonly order: number;
  readonly delaySeconds: number;
}

/** A volume and where it is kept. */
export interface DiskPlan {
  readonly storage: string;
  readonly sizeGib: number;
}

/** What is decided alike for containers and machines. */
export interface GuestPlan {
  /** Hostname and logical name. */
  readonly name: string;
  readonly node: string;
  readonly vmid: number;
  readonly description: string;
  readonly tags: readonly string[];
  readonly cores: number;
  readonly memoryMib: number;
  readonly network: GuestNetworkPlan;
  readonly startOnBoot: boolean;
  readonly startup: StartupPlan;
  /** Whether Proxmox refuses to remove it: it holds data. */
  readonly protection: boolean;
  /** Whether a run may delete or replace it unasked; the engine refuses that for any other guest. */
  readonly disposable: boolean;
  /** Logical name of the image that it is made from. */
  readonly image: string;
  /** Storages that must be there first. */
  readonly storages: readonly string[];
  /** Present where the guest is guarded: exposed, or in the DMZ. */
  readonly firewall?: GuestFirewallPlan;
}

const mib = 2 ** 20;
const gib = 2 ** 30;

/** The further volumes of a guest, by slot; data is in them. */
export function dataVolumesOf(
  guest: Container | Machine,
): [string, { storage: string; size: number; backup: boolean }][] {
  return sortedEntries("volumes" in guest ? guest.volumes : guest.disks);
}

/** Decides what containers and machines have in common; the inventory's references are known to resolve. */
export function planGuest({ kind, name, guest }: NamedGuest, inventory: Inventory): Omit<GuestPlan, "image"> {
  const network = resolved(inventory.networks, guest.network);
  const { vlan, subnet, gateway, dns, bridge } = network;
  const firewall = planGuestFirewall({ kind, name, guest }, inventory);
  const volumes = dataVolumesOf(guest).map(([, volume]) => volume);
  return {
    name,
    node: guest.node,
    vmid: vmidOf(guest, network),
    // No line number: it would change with every line above.
    description: `${name}: managed by Pulumi from config/homelab/${kind}.yaml (${kind}.${name}); changes made here are undone.`,
    // Proxmox keeps tags sorted: any other order would differ on every refresh.
    tags: sortedSet(["homelab", ...guest.tags]),
    cores: guest.cores,
    memoryMib: guest.memory / mib,
    network: {
      bridge,
      vlan,
      address: `${guest.address}/${subnet.split("/")[1] ?? ""}`,
      gateway,
      dns: [...dns],
      firewall: firewall !== undefined,
    },
    startOnBoot: true,
    startup: { order: guest.startup.order, delaySeconds: guest.startup.delay },
    protection: volumes.length > 0,
    disposable: guest.disposable,
    storages: sortedSet([guest.disk.storage, ...volumes.map(({ storage }) => storage)]),
    ...(firewall === undefined ? {} : { firewall }),
  };
}

/** A size as Proxmox takes it: whole GiB, rounded up. */
export function planDisk({ storage, size }: { storage: string; size: number }): DiskPlan {
  return { storage, sizeGib: Math.ceil(size / gib) };
}
