import type { Image } from "../inventory/images.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { perNodeName } from "./names.ts";
import { resolved } from "./resolved.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";

/** One file to download to one node, decided. */
export interface ImagePlan {
  readonly name: string;
  /** Logical name that the state has it by, if that is another one. */
  readonly formerName?: string;
  /** Key in the inventory. */
  readonly image: string;
  readonly kind: Image["kind"];
  readonly node: string;
  readonly storage: string;
  readonly contentType: "import" | "vztmpl";
  readonly url: string;
  readonly fileName: string;
  /** Missing only where a waiver says why. */
  readonly checksum?: { readonly algorithm: string; readonly value: string };
  /** Where the file is found once it is there. */
  readonly volumeId: string;
}

/** Decides which node downloads what: an image goes where a guest needs it, to a shared storage once. */
export function planImages(inventory: Inventory): ImagePlan[] {
  return sortedEntries(inventory.images).flatMap(([key, image]) => {
    const nodes = nodesThatNeed(key, inventory);
    const targets = isShared(image, inventory) ? nodes.slice(0, 1) : nodes;
    return targets.map((node) => planImage(key, image, node));
  });
}

/** The download that a guest on a node has to wait for. */
export function planImageFor(key: string, node: string, inventory: Inventory): ImagePlan {
  const image = resolved(inventory.images, key);
  const [first = node] = isShared(image, inventory) ? nodesThatNeed(key, inventory) : [node];
  return planImage(key, image, first);
}

function planImage(key: string, image: Image, node: string): ImagePlan {
  const { storage, checksum } = image;
  const contentType = image.kind === "containerTemplate" ? "vztmpl" : "import";
  const { url, fileName } = image.kind === "talos" ? talosFile(image) : image;
  return {
    name: perNodeName(key, node),
    image: key,
    kind: image.kind,
    node,
    storage,
    contentType,
    url,
    fileName,
    ...(checksum === undefined ? {} : { checksum: { algorithm: checksum.algorithm, value: checksum.value } }),
    volumeId: `${storage}:${contentType}/${fileName}`,
  };
}

function talosFile({ version, schematic }: Extract<Image, { kind: "talos" }>): { url: string; fileName: string } {
  return {
    url: `https://factory.talos.dev/image/${schematic}/${version}/nocloud-amd64.qcow2`,
    // Another schematic is another file: its name says so, lest an old one is taken for it.
    fileName: `talos-${version}-${schematic.slice(0, 12)}-nocloud-amd64.qcow2`,
  };
}

function isShared({ storage }: Image, inventory: Inventory): boolean {
  return ["nfs", "cifs"].includes(resolved(inventory.storage, storage).type);
}

function nodesThatNeed(key: string, { containers, machines }: Inventory): string[] {
  const guests = [...Object.values(containers), ...Object.values(machines)];
  return sortedSet(guests.filter(({ image }) => image === key).map(({ node }) => node));
}
