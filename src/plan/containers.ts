import type { Container } from "../inventory/containers.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { dataVolumesOf, planDisk, planGuest, type DiskPlan, type GuestPlan } from "./guests.ts";
import { planImageFor } from "./images.ts";
import { resolved } from "./resolved.ts";
import { sortedEntries } from "./sorted.ts";
import { sshKeysOf } from "./ssh-keys.ts";

/** A further volume of a container, mounted at a path. */
export interface MountPointPlan extends DiskPlan {
  /** `mp0`; it never changes, for the provider replaces a container whose mount points differ. */
  readonly slot: string;
  readonly path: string;
  readonly backup: boolean;
}

/** One Linux container, decided. */
export interface ContainerPlan extends GuestPlan {
  /** Volume ID of the template to unpack. */
  readonly template: string;
  /** `debian`: what Proxmox VE sets up in it whenever it starts. */
  readonly distribution: string;
  readonly unprivileged: boolean;
  readonly nesting: boolean;
  readonly swapMib: number;
  /** Only when it is created: from then on, a step keeps them. */
  readonly sshKeys: readonly string[];
  readonly disk: DiskPlan;
  readonly mountPoints: readonly MountPointPlan[];
}

const mib = 2 ** 20;

/** Decides all containers. */
export function planContainers(inventory: Inventory): ContainerPlan[] {
  return sortedEntries(inventory.containers).map(([name, container]) => planContainer(name, container, inventory));
}

function planContainer(name: string, container: Container, inventory: Inventory): ContainerPlan {
  const image = resolved(inventory.images, container.image);
  if (image.kind !== "containerTemplate") throw new Error(`"${container.image}" was not checked to be a template.`);
  const download = planImageFor(container.image, container.node, inventory);
  return {
    ...planGuest({ kind: "containers", name, guest: container }, inventory),
    image: download.name,
    template: download.volumeId,
    distribution: image.distribution,
    unprivileged: !container.privileged,
    nesting: container.nesting ?? image.nesting,
    swapMib: container.swap / mib,
    sshKeys: sshKeysOf(inventory),
    disk: planDisk(container.disk),
    mountPoints: dataVolumesOf(container).map(([slot, volume]) => ({
      slot,
      path: resolved(container.volumes, slot).path,
      ...planDisk(volume),
      backup: volume.backup,
    })),
  };
}
