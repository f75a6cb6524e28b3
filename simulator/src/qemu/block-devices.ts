import type { Guest } from "../state/guest.ts";
import type { Volume } from "../state/storage.ts";
import { splitVolumeId, type World } from "../world.ts";
import { drivesOf, isCdrom, volumeOf } from "./drives.ts";

/** A disk as the system in a virtual machine finds it. */
export interface BlockDevice {
  /** `/dev/sda` */
  readonly path: string;
  /** Its name below /dev/disk/by-id; on other buses than SCSI, one with a serial number has such a name, and no other. */
  readonly id: string | undefined;
  /** `scsi1` */
  readonly drive: string;
  readonly volume: Volume;
}

/** The disks of a virtual machine in the order in which Linux names them; a container has none. */
export function blockDevices(world: World, { type, node, config }: Guest): BlockDevice[] {
  if (type !== "qemu") return [];
  const disks = drivesOf(config).flatMap(({ name, drive }) => {
    const volumeId = volumeOf(drive);
    const [bus = ""] = /^[a-z]+/.exec(name) ?? [];
    if (volumeId === undefined || isCdrom(drive) || !Object.hasOwn(ids, bus)) return [];
    const { storage, name: volumeName } = splitVolumeId(volumeId);
    const volume = world.volumesOn(node, storage)[volumeName];
    return volume === undefined ? [] : [{ name, bus, serial: drive["serial"], volume }];
  });
  return disks.map(({ name, bus, serial, volume }) => {
    const isVirtio = bus === "virtio";
    const place = disks
      .filter((other) => (other.bus === "virtio") === isVirtio)
      .findIndex((other) => other.name === name);
    return {
      path: `/dev/${isVirtio ? "vd" : "sd"}${letters(place)}`,
      id: ids[bus]?.(name, serial),
      drive: name,
      volume,
    };
  });
}

/** How udev names disks, by their bus: /usr/lib/udev/rules.d/60-persistent-storage.rules */
const ids: Readonly<Record<string, (name: string, serial: string | undefined) => string | undefined>> = {
  ide: (_name, serial) => (serial === undefined ? undefined : `ata-QEMU_HARDDISK_${serial}`),
  sata: (_name, serial) => (serial === undefined ? undefined : `ata-QEMU_HARDDISK_${serial}`),
  scsi: (name, serial) => `scsi-0QEMU_QEMU_HARDDISK_${serial ?? `drive-${name}`}`,
  virtio: (_name, serial) => (serial === undefined ? undefined : `virtio-${serial}`),
};

function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : `${letters(Math.floor(index / 26) - 1)}${last}`;
}
