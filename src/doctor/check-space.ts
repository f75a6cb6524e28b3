import type { HomelabPlan } from "../plan/plan.ts";
import type { StoragePlan } from "../plan/storages.ts";
import { countOf, fine, problem, renderBytes, warning, type Finding } from "./finding.ts";

/** What a plan puts on a storage of one node. */
export interface Demand {
  readonly storage: StoragePlan;
  readonly node: string;
  readonly guests: number;
  readonly diskBytes: number;
  readonly images: number;
  /** Of those whose size is known. */
  readonly imageBytes: number;
  readonly imagesOfUnknownSize: number;
}

/** Free space on a node, and what it is the free space of. */
export interface Space {
  readonly bytes: number;
  readonly of: string;
}

const gib = 2 ** 30;

/**
 * Sums up what is still to be put where.
 * @param isThere whether a guest has its space already
 * @param imageSizes of those that are still to be downloaded, in bytes by the image's name; undefined where nobody tells
 */
export function planDemands(
  plan: HomelabPlan,
  isThere: (vmid: number) => boolean,
  imageSizes: ReadonlyMap<string, number | undefined>,
): Demand[] {
  const disks = [
    ...plan.containers.map((guest) => ({ guest, disks: [guest.disk, ...guest.mountPoints] })),
    ...plan.machines.map((guest) => ({ guest, disks: [guest.systemDisk, ...guest.dataDisks] })),
  ].filter(({ guest: { vmid } }) => !isThere(vmid));
  return plan.storages.flatMap((storage) =>
    storage.nodes.flatMap((node) => {
      const guests = disks
        .filter(({ guest }) => guest.node === node)
        .map(({ disks: all }) => all.filter((disk) => disk.storage === storage.name))
        .filter((own) => own.length > 0);
      const sizes = plan.images
        .filter((image) => image.node === node && image.storage === storage.name && imageSizes.has(image.name))
        .map((image) => imageSizes.get(image.name));
      if (guests.length + sizes.length === 0) return [];
      return {
        storage,
        node,
        guests: guests.length,
        diskBytes: guests.flat().reduce((sum, { sizeGib }) => sum + sizeGib * gib, 0),
        images: sizes.length,
        imageBytes: sizes.reduce<number>((sum, size = 0) => sum + size, 0),
        imagesOfUnknownSize: sizes.filter((size) => size === undefined).length,
      };
    }),
  );
}

/** Whether what is put on a storage finds room there. */
export function checkSpace({ storage, node, ...demand }: Demand, space: Space): Finding {
  const subject = `space on ${storage.name} of ${node}`;
  const bytes = demand.diskBytes + demand.imageBytes;
  const what = [
    ...(demand.guests > 0 ? [`the disks of ${countOf(demand.guests, "guest")}`] : []),
    ...(demand.images > 0 ? [describeImages(demand)] : []),
  ].join(" and ");
  const comparison = `${renderBytes(bytes)} for ${what}, of ${renderBytes(space.bytes)} ${space.of}`;
  if (bytes <= space.bytes) return fine(subject, `${comparison}.`);
  if (storage.type === "zfspool" && storage.thin && demand.imageBytes <= space.bytes) {
    return warning(
      subject,
      `More is promised than there is: ${comparison}. Disks take only what is written to them.`,
      "Give guests smaller disks, or keep an eye on the pool: when it is full, all of its guests stand still.",
    );
  }
  return problem(
    subject,
    `There is not enough: ${comparison}.`,
    "Give guests smaller disks, or put some on another storage or node.",
  );
}

function describeImages({
  images,
  imagesOfUnknownSize: unknown,
}: Pick<Demand, "images" | "imagesOfUnknownSize">): string {
  if (unknown === 0) return countOf(images, "image");
  if (unknown === images) return `${countOf(images, "image")} of unknown size`;
  return `${countOf(images, "image")}, ${unknown} of them of unknown size`;
}
