import { parseSetting, printSetting } from "../guest/config.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";

/** The keys of a drive's property string; `file` is its volume. */
export type Drive = Readonly<Record<string, string>>;

/** The drives of a virtual machine, in the order in which Proxmox looks for one to boot from. */
export const driveNames: readonly string[] = [
  ...numbered("ide", 4),
  ...numbered("scsi", 31),
  ...numbered("virtio", 16),
  ...numbered("sata", 6),
  "efidisk0",
  "tpmstate0",
];

const names = new Set(driveNames);

/** Whether a setting is a drive; `unused0` is none. */
export function isDriveName(name: string): boolean {
  return names.has(name);
}

/** Reads a drive. */
export function parseDrive(name: string, text: string): Drive {
  const drive = parseSetting("qemu", name, text);
  if (drive["media"] !== undefined || !/^(?:none|cdrom)$/.test(drive["file"] ?? "")) return drive;
  return { ...drive, media: "cdrom" };
}

/** Writes a drive. */
export function printDrive(name: string, drive: Drive): string {
  return printSetting("qemu", name, drive);
}

/** The drives of a configuration, in Proxmox's order. */
export function drivesOf(config: Section): { readonly name: string; readonly drive: Drive }[] {
  return driveNames.flatMap((name) => {
    const text = config[name];
    return text === undefined ? [] : [{ name, drive: parseDrive(name, text) }];
  });
}

/** The disk that cloud-init reads; it is a CD, too. */
export function isCloudInit({ file = "" }: Drive): boolean {
  return /[:/](?:vm-\d+-)?cloudinit(?:\.(?:raw|qcow2?|qed|vmdk|cloop))?$/.test(file);
}

/** A CD drive, whether or not one is in it. */
export function isCdrom({ media }: Drive): boolean {
  return media === "cdrom";
}

/** The volume of a drive that has one in a storage. */
export function volumeOf({ file = "" }: Drive): string | undefined {
  return file === "none" || file === "cdrom" || file.startsWith("/") ? undefined : file;
}

/** `local-zfs:8`: a disk to be made, of 8 GiB. */
export function newDiskOf({
  file = "",
}: Drive): { readonly storage: string | undefined; readonly gib: number } | undefined {
  const [match, , storage, gib] = /^(([^/:\s]+):)?(\d+(?:\.\d+)?)$/.exec(file) ?? [];
  return match === undefined ? undefined : { storage, gib: Number(gib) };
}

/** The devices in `boot: order=scsi0;net0`. */
export function bootOrderOf({ boot }: Section): string[] {
  return splitList(parseSetting("qemu", "boot", boot ?? "")["order"]);
}

/** Writes `boot`. */
export function printBootOrder(devices: readonly string[]): string {
  // The file's line `boot: ` is read as a blank.
  return devices.length === 0 ? " " : `order=${devices.join(";")}`;
}

/** What boots where nobody has said it: the first disk, the first CD drive, the first network device. */
export function defaultBootOrder(config: Section): string[] {
  const drives = drivesOf(config).filter(({ name }) => !/^(?:efidisk|tpmstate)/.test(name));
  const disk = drives.find(({ drive }) => !isCdrom(drive));
  const cdrom = drives.find(({ drive }) => isCdrom(drive));
  const network = numbered("net", 32).find((name) => config[name] !== undefined);
  return [disk?.name, cdrom?.name, network].filter((name) => name !== undefined);
}

/** The size of the first disk that boots, as lists show it. */
export function bootDisk(config: Section): Drive | undefined {
  const order = [...bootOrderOf(config), ...(config["bootdisk"] === undefined ? [] : [config["bootdisk"]])];
  return order
    .filter((name) => isDriveName(name) && config[name] !== undefined)
    .map((name) => parseDrive(name, config[name] ?? ""))
    .find((drive) => !isCdrom(drive));
}

/** `scsi0`, `scsi1`, … */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
