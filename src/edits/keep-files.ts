import type { ContainerPlan } from "../plan/containers.ts";
import type { ImagePlan } from "../plan/images.ts";
import type { MachinePlan } from "../plan/machines.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { BuiltImage } from "../state/built-places.ts";
import type { Built } from "../state/built.ts";

/**
 * Lets what guests were made from stay as it is, whatever the inventory has for new ones: a file that is there already is not
 * downloaded again, a machine reads its user data where it always did, and a container keeps its kind of system.
 */
export function keepFiles(plan: HomelabPlan, built: Built): HomelabPlan {
  return {
    ...plan,
    images: plan.images.map((image) => keepImage(image, plan, built)),
    containers: plan.containers.map((container) => keepDistribution(container, built)),
    machines: plan.machines.map((machine) => keepUserData(machine, plan, built)),
  };
}

/** The file of the state that is where an image is to be. */
export function builtImageOf(
  image: ImagePlan,
  { storages }: Pick<HomelabPlan, "storages">,
  { images }: Pick<Built, "images">,
): BuiltImage | undefined {
  const shared = storages.some(({ name, shared: isShared }) => name === image.storage && isShared);
  return images.find(({ volumeId, node }) => volumeId === image.volumeId && (shared || node === image.node));
}

/** Whether the file that is there has the content that an image is to have. */
export function isSameFile({ url, checksum }: ImagePlan, there: BuiltImage): boolean {
  if (checksum !== undefined && there.checksum !== undefined) {
    return checksum.algorithm === there.checksum.algorithm && checksum.value === there.checksum.value;
  }
  return url === there.url;
}

function keepImage(image: ImagePlan, plan: HomelabPlan, built: Built): ImagePlan {
  const there = builtImageOf(image, plan, built);
  if (there === undefined || !isSameFile(image, there)) return image;
  const { checksum: _, ...rest } = image;
  return {
    ...rest,
    // Each of them would have the provider remove the file and download it again.
    url: there.url,
    node: plan.nodes.some(({ name }) => name === there.node) ? there.node : image.node,
    ...(there.checksum === undefined ? {} : { checksum: { ...there.checksum } }),
    ...(plan.images.some(({ name }) => name === there.name) ? {} : { formerName: there.name }),
  };
}

/** What is in a container does not change with the image of its entry. */
function keepDistribution(container: ContainerPlan, { guests }: Built): ContainerPlan {
  const own = guests.find(({ kind, name }) => kind === "container" && name === container.name);
  const distribution = own?.settings.distribution;
  if (distribution === undefined || own?.madeFrom === undefined || own.madeFrom === container.template)
    return container;
  return { ...container, distribution };
}

function keepUserData(machine: MachinePlan, { storages }: HomelabPlan, { guests }: Built): MachinePlan {
  if (machine.kind !== "cloud") return machine;
  const own = guests.find(({ kind, name }) => kind === "machine" && name === machine.name);
  const volumeId = own?.settings.userData;
  const [, storage, fileName] = /^([^:]+):snippets\/(.+)$/.exec(volumeId ?? "") ?? [];
  if (volumeId === undefined || storage === undefined || fileName === undefined) return machine;
  if (!storages.some(({ name }) => name === storage)) return machine;
  return { ...machine, userData: { ...machine.userData, storage, fileName, volumeId } };
}
