import type { Image } from "../inventory/images.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { resolved } from "./resolved.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";

/** One node of a cluster. */
export interface TalosNodePlan {
  readonly name: string;
  /** The Proxmox VE node that it runs on. */
  readonly host: string;
  /** Without prefix length. */
  readonly address: string;
}

/** One Kubernetes cluster of Talos machines, decided. */
export interface TalosClusterPlan {
  readonly name: string;
  readonly version: string;
  /** What Talos installs itself from, with the image's extensions. */
  readonly installer: string;
  /** Where the first control plane answers; etcd is bootstrapped there. */
  readonly endpoint: string;
  readonly controlPlanes: readonly TalosNodePlan[];
  readonly workers: readonly TalosNodePlan[];
}

/** Decides the clusters that the Talos machines make up. */
export function planTalosClusters({ machines, images }: Inventory): TalosClusterPlan[] {
  const members = sortedEntries(machines).flatMap(([name, machine]) =>
    machine.kind === "talos" ? [{ name, machine, image: talosImage(images, machine.image) }] : [],
  );
  return sortedSet(members.map(({ machine }) => machine.cluster)).flatMap((cluster) => {
    const own = members.filter(({ machine }) => machine.cluster === cluster);
    const withRole = (role: "controlPlane" | "worker") =>
      own
        .filter(({ machine }) => machine.role === role)
        .map(({ name, machine: { node: host, address } }) => ({ name, host, address }));
    const controlPlanes = withRole("controlPlane");
    const [first] = controlPlanes;
    const [image] = own.map((member) => member.image);
    if (first === undefined || image === undefined) return [];
    return {
      name: cluster,
      version: image.version,
      installer: `factory.talos.dev/installer/${image.schematic}:${image.version}`,
      endpoint: `https://${first.address}:6443`,
      controlPlanes,
      workers: withRole("worker"),
    };
  });
}

function talosImage(images: Inventory["images"], key: string): Extract<Image, { kind: "talos" }> {
  const image = resolved(images, key);
  if (image.kind !== "talos") throw new Error(`"${key}" was not checked to be an image of Talos.`);
  return image;
}
