import { isRoot } from "../guest/permissions.ts";
import { unpackBackup, type BackupArchive } from "../backup/archive.ts";
import { ApiError } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { splitVolumeId } from "../world.ts";
import type { NewContainer } from "./create.ts";
import { createDisk, removeDisks, requireSpace } from "./disks.ts";
import { mountPointsOf, parseMountPoint, printMountPoint, type MountPoint } from "./mount-points.ts";
import { checkBridge } from "./permissions.ts";
import { withNewMac } from "./settings.ts";
import { haltSystem, writeSystem } from "./system.ts";
import { convertToTemplate } from "./template.ts";

/** Restores a backup into a container that is new, or that is overwritten. */
export function restoreInto(context: Context, guest: Guest, plan: NewContainer, overwrites: boolean, log: Log): void {
  const { world } = context;
  const { node, archive: id, config, unique } = plan;
  log(`recovering backed-up configuration from '${id}'`);
  const archive = unpackBackup(world.volume(node, id));
  if (archive?.type !== "lxc") throw new ApiError(500, `archive '${id}' contains no configuration of a container`);
  const unprivileged = plan.unprivileged ?? archive.config["unprivileged"] === "1";
  if (!unprivileged && (!overwrites || guest.config["unprivileged"] === "1")) {
    context.world.require(context.session, "/", "Sys.Modify");
  }
  const { made, kept } = disksToMake(context, plan, archive);
  const disks = made.map((mountPoint) => [mountPoint.key, createDisk(world, guest, mountPoint, log)] as const);
  if (overwrites) removeDisks(world, guest, { ...guest.config });
  log(`restoring '${id}' now..`);
  const { path = "" } = world.storage(node, splitVolumeId(id).storage).config;
  const file = splitVolumeId(id).name.split("/").at(-1) ?? "";
  log(`extracting archive '${path}/dump/${file}'`);
  const merged = mergeConfig(context, archive.config, config, unique);
  Object.assign(guest, { config: { ...merged, ...Object.fromEntries(disks) }, pending: {}, snapshots: {} });
  requireSpace(world, guest, log);
  log("merging backed-up and given configuration..");
  Object.assign(guest.config, kept, { lock: "create" });
  if (unprivileged) guest.config["unprivileged"] = "1";
  guest.firewall = archive.firewall;
  guest.inside = archive.inside;
  haltSystem(guest);
  writeSystem(guest, world.node(node), world.seconds());
  if (archive.config["template"] === "1") {
    log("Convert restored container to template...");
    convertToTemplate(world, guest);
  }
}

/** The disks that the request wants, or those of the backup, on the storage that the request names. */
function disksToMake(
  context: Context,
  { mountPoints, storage }: NewContainer,
  { config, disks }: BackupArchive,
): { readonly made: readonly MountPoint[]; readonly kept: Section } {
  if (mountPoints.length > 0) return { made: mountPoints, kept: {} };
  const kept: Section = {};
  const made = mountPointsOf(config).flatMap((mountPoint) => {
    const { key, kind, options } = mountPoint;
    if (kind !== "volume") {
      if (key === "rootfs") {
        throw new ApiError(500, `restoring rootfs to ${kind} mount is only possible by specifying -rootfs manually!`);
      }
      if (!isRoot(context)) throw new ApiError(500, `restoring '${key}' to ${kind} mount is only possible for root`);
      kept[key] = printMountPoint(mountPoint);
      return [];
    }
    const bytes = disks.find(({ setting }) => setting === key)?.size;
    const { size, ...others } = options;
    if (bytes === undefined && size === undefined) {
      throw new ApiError(500, `unable to detect disk size - please specify ${key} (size)`);
    }
    const gib = bytes === undefined ? Number.parseFloat(size ?? "0") : bytes / 2 ** 30;
    return [{ ...parseMountPoint(key, `${storage}:${gib}`), options: others }];
  });
  if (!made.some(({ key }) => key === "rootfs")) {
    throw new ApiError(500, "rootfs configuration could not be recovered, please check and specify manually!");
  }
  return { made, kept };
}

/** What the request says goes before what the backup says. */
function mergeConfig(context: Context, backup: Section, given: Section, unique: boolean): Section {
  const left = /^(?:digest|rootfs|snapshots|unprivileged|parent|template|lock|mp\d+|unused\d+)$/;
  const old = Object.entries(backup).filter(([name]) => !left.test(name) && !(name === "lxc" && !isRoot(context)));
  const recovered = old
    .filter(([name]) => given[name] === undefined)
    .map(([name, text]) => {
      if (!/^net\d+$/.test(name)) return [name, text] as const;
      checkBridge(context, text);
      return [name, unique ? withNewMac(name, text) : text] as const;
    });
  return { memory: "512", swap: "512", ...Object.fromEntries(recovered), ...given };
}
