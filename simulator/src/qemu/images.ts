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

/** The operating system that an image installs. */
export interface OperatingSystem {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly codename: string;
  readonly kernel: string;
  /** The user that cloud-init makes where nobody says another. */
  readonly user: string;
}

const systems: readonly (readonly [RegExp, OperatingSystem])[] = [
  [
    /ubuntu|noble|jammy|plucky|resolute/i,
    {
      id: "ubuntu",
      name: "Ubuntu",
      version: "24.04",
      codename: "noble",
      kernel: "6.8.0-86-generic",
      user: "ubuntu",
    },
  ],
  [
    /debian-12|bookworm/i,
    {
      id: "debian",
      name: "Debian GNU/Linux",
      version: "12",
      codename: "bookworm",
      kernel: "6.1.0-40-cloud-amd64",
      user: "debian",
    },
  ],
  [
    /fedora/i,
    {
      id: "fedora",
      name: "Fedora Linux",
      version: "43",
      codename: "",
      kernel: "6.17.1-300.fc43.x86_64",
      user: "fedora",
    },
  ],
];

/** The operating system in an image: Debian where its name does not say another. */
export function systemIn(image: string): OperatingSystem {
  return (
    systems.find(([pattern]) => pattern.test(image))?.[1] ?? {
      id: "debian",
      name: "Debian GNU/Linux",
      version: "13",
      codename: "trixie",
      kernel: "6.12.48+deb13-cloud-amd64",
      user: "debian",
    }
  );
}
