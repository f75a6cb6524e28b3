import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import { splitVolumeId, type World } from "../world.ts";
import { keepsFiles } from "./volumes.ts";

/** What a storage may be able to do with a volume: PVE::Storage::volume_has_feature. */
export type Feature = "snapshot" | "clone" | "copy" | "template";

/** A disk in a guest's configuration: its setting and what that names, a volume or (of a container) a path of the node. */
export interface ConfiguredDisk {
  readonly key: string;
  readonly volume: string;
}

const diskKeys = { lxc: /^(?:rootfs|mp\d+)$/, qemu: /^(?:ide|sata|scsi|virtio|efidisk|tpmstate)\d+$/ };

/** The disks of a configuration, in the order in which Proxmox walks them; CD drives are none. */
export function disksOf(type: Guest["type"], config: Section): ConfiguredDisk[] {
  return Object.entries(config)
    .filter(([key, text]) => diskKeys[type].test(key) && !/(?:^|,)media=cdrom(?:,|$)/.test(text))
    .map(([key, text]) => ({ key, volume: volumeOf(text) }))
    .filter(({ volume }) => volume !== "" && volume !== "none")
    .sort((a, b) => rank(a.key) - rank(b.key));
}

/** The volume in the text of a disk: `local-zfs:vm-100-disk-0,size=8G`, `volume=…` or `file=…`. */
export function volumeOf(text: string): string {
  const parts = text.split(",");
  const written = parts.find((part) => /^(?:volume|file)=/.test(part));
  return written?.slice(written.indexOf("=") + 1) ?? parts.find((part) => !/^[a-z_0-9-]+=/.test(part)) ?? "";
}

/** Whether the storages of all of a configuration's disks can do something, with the disks or with their snapshots. */
export function hasFeature(
  world: World,
  { type, node }: Guest,
  config: Section,
  feature: Feature,
  snapname?: string,
): boolean {
  return disksOf(type, config).every(({ volume }) => volumeHasFeature(world, type, node, volume, feature, snapname));
}

/** Whether the storage of one volume can do something with it, or with a snapshot of it. */
export function volumeHasFeature(
  world: World,
  type: Guest["type"],
  node: string,
  volumeId: string,
  feature: Feature,
  snapname?: string,
): boolean {
  // Paths of the node are mounted as they are.
  if (volumeId.startsWith("/")) return false;
  const storage = world.storage(node, splitVolumeId(volumeId).storage);
  const volume = world.volume(node, volumeId);
  const state = isBase(volumeId) ? "base" : snapname === undefined ? "current" : "snap";
  if (!keepsFiles(storage)) return features.zfspool[feature].includes(state);
  // A linked clone on files is a qcow2 image, which no container can have.
  if (type === "lxc" && feature === "clone") return false;
  const known = volume.format === "qcow2" ? features.qcow2 : features.raw;
  return known[feature].includes(state);
}

/** Whether a volume is the base of linked clones; the name of such a clone has its base's in front. */
export function isBase(volumeId: string): boolean {
  return /(?:^|[:/])base(?:vol)?-\d+-[^/]*$/.test(volumeId);
}

type Features = Readonly<Record<Feature, readonly ("base" | "current" | "snap")[]>>;

const features: Readonly<Record<"zfspool" | "qcow2" | "raw", Features>> = {
  zfspool: { snapshot: ["current", "snap"], clone: ["base"], copy: ["base", "current"], template: ["current"] },
  qcow2: {
    snapshot: ["current", "snap"],
    clone: ["base"],
    copy: ["base", "current", "snap"],
    template: ["current"],
  },
  raw: { snapshot: [], clone: ["base"], copy: ["base", "current"], template: ["current"] },
};

/** rootfs before mount points, buses in their order, numbers as numbers. */
function rank(key: string): number {
  const bus = ["rootfs", "mp", "ide", "sata", "scsi", "virtio", "efidisk", "tpmstate"].indexOf(key.replace(/\d+$/, ""));
  return bus * 1000 + Number(/\d+$/.exec(key)?.[0] ?? 0);
}
