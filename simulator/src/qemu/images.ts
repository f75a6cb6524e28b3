import type { Volume } from "../state/storage.ts";

const gib = 2 ** 30;

/** How large the disks are that the images of distributions hold; a qcow2 file does not show it. */
const virtualSizes: readonly (readonly [RegExp, number])[] = [
  [/debian/i, 3 * gib],
  [/ubuntu|noble|jammy|plucky|resolute/i, 3.5 * gib],
  [/fedora/i, 5 * gib],
  [/alma|rocky|centos/i, 10 * gib],
  [/talos|metal-amd64|nocloud-amd64/i, 1.25 * gib],
];

/** The images whose system has a guest agent without anyone installing it. */
const withAgent = /qemu-guest-agent|qga|fedora|alma|rocky|centos/i;
/** What boots no Linux that cloud-init could set up. */
const withoutCloudInit = /talos|metal-amd64|\.iso$/i;

/** The size of the disk in an image. */
export function virtualSizeOf({ name, format, size, image }: Volume): number {
  if (format === "raw" || image !== undefined) return size;
  return virtualSizes.find(([pattern]) => pattern.test(name))?.[1] ?? Math.max(2 * gib, Math.ceil(size / gib) * gib);
}

/** What is on a disk that an image was written to: the image's file name. */
export function imageOf({ name, image, content }: Volume): string | undefined {
  if (image !== undefined) return image;
  return content === "import" || content === "iso" ? (name.split("/").at(-1) ?? name) : undefined;
}

/** Whether an image's system is a Linux that reads cloud-init's data. */
export function hasCloudInit(image: string): boolean {
  return !withoutCloudInit.test(image);
}

/** Whether an image's system comes with a guest agent. */
export function hasAgent(image: string): boolean {
  return withAgent.test(image);
}
