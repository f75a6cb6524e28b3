import { parseSetting, printSetting } from "../guest/config.ts";
import { disksOf } from "../guest/features.ts";
import { parseSize, printSize } from "../guest/sizes.ts";
import type { Section } from "../state/cluster.ts";

/** rootfs or a mount point of a container. */
export interface MountPoint {
  /** `rootfs`, `mp0` */
  readonly key: string;
  /** A volume's ID, `STORAGE:GIB` for one that is to be made, or a path of the node. */
  readonly volume: string;
  readonly kind: "volume" | "bind" | "device";
  /** The other keys: mp, size, backup … */
  readonly options: Readonly<Record<string, string>>;
}

/** Reads the setting of a mount point, of a text that has passed the check. */
export function parseMountPoint(key: string, text: string): MountPoint {
  const { volume = "", ...options } = parseSetting("lxc", key, text);
  return { key, volume, kind: kindOf(volume), options };
}

/** Writes a mount point with the size of its volume in bytes, if that is known. */
export function printMountPoint({ key, volume, options }: MountPoint, bytes?: number): string {
  const known = bytes ?? (options["size"] === undefined ? undefined : parseSize(options["size"]));
  const size = known === undefined ? {} : { size: printSize(known) };
  return printSetting("lxc", key, { ...options, volume, ...size });
}

/** The mount points of a configuration: rootfs first, then by number. */
export function mountPointsOf(config: Section): MountPoint[] {
  return disksOf("lxc", config).map(({ key }) => parseMountPoint(key, config[key] ?? ""));
}

/** Whether a setting is rootfs or a mount point. */
export function isMountPoint(key: string): boolean {
  return key === "rootfs" || /^mp\d+$/.test(key);
}

/** What `STORAGE:GIB` asks for. */
export function newVolume({ volume }: MountPoint): { readonly storage: string; readonly bytes: number } | undefined {
  const [, storage, gib] = /^([^:\s]+):(\d+(?:\.\d+)?)$/.exec(volume) ?? [];
  return storage === undefined ? undefined : { storage, bytes: Math.floor(Number(gib) * 1024) * 2 ** 20 };
}

function kindOf(volume: string): MountPoint["kind"] {
  if (!volume.startsWith("/")) return "volume";
  return volume.startsWith("/dev/") ? "device" : "bind";
}
