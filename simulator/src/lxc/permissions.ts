import { isRoot, requireOnGuest } from "../guest/permissions.ts";
import { permissionError, requirePrivileges } from "../access/permissions.ts";
import { ApiError } from "../api-error.ts";
import { parseSetting } from "../guest/config.ts";
import type { Context } from "../handlers.ts";
import type { Section } from "../state/cluster.ts";
import { splitVolumeId } from "../world.ts";
import { newVolume, parseMountPoint } from "./mount-points.ts";
import type { Settings } from "./settings.ts";

/** Whose configuration is changed. */
export interface ConfigTarget {
  readonly vmid: number;
  /** The pool that a container is made for. */
  readonly pool?: string | undefined;
  readonly unprivileged: boolean;
}

/** A change of a configuration. */
export interface ConfigChange {
  readonly before: Section;
  readonly set: Settings;
  readonly deleted: readonly string[];
}

const privilegeOf: Readonly<Record<string, string>> = {
  cores: "VM.Config.CPU",
  cpuunits: "VM.Config.CPU",
  cpulimit: "VM.Config.CPU",
  memory: "VM.Config.Memory",
  swap: "VM.Config.Memory",
  nameserver: "VM.Config.Network",
  searchdomain: "VM.Config.Network",
  hostname: "VM.Config.Network",
};

/**
 * Refuses settings that a user may not change: PVE::LXC::check_ct_modify_config_perm.
 * @throws {ApiError} 403
 */
export function checkConfigPermissions(context: Context, target: ConfigTarget, change: ConfigChange): void {
  if (isRoot(context)) return;
  for (const [name, value] of Object.entries(change.set)) {
    if (value !== undefined) checkOption(context, target, change, name, String(value));
  }
  for (const name of change.deleted) checkOption(context, target, change, name, undefined);
}

/**
 * Refuses a volume that a user may not use, or that is of another kind: PVE::Storage::check_volume_access.
 * @throws {ApiError} 403, or 500 for another kind
 */
export function checkVolumeAccess(
  { world, session }: Context,
  vmid: number,
  volumeId: string,
  wanted: "backup" | "rootdir" | "vztmpl",
): void {
  const { storage, name } = splitVolumeId(volumeId);
  const { content, owner } = classify(name);
  if (content !== wanted) {
    throw new ApiError(500, `unable to use volume ${volumeId} - content type needs to be '${wanted}'`);
  }
  const path = `/storage/${storage}`;
  if (world.may(session, path, "Datastore.Allocate")) return;
  if (content === "vztmpl") {
    requirePrivileges(world.state, session.user, path, ["Datastore.AllocateSpace", "Datastore.Audit"], true);
  } else if (owner === vmid) return;
  else if (owner === undefined) throw new ApiError(500, `missing privileges to access ${volumeId}`);
  else if (content === "backup") {
    world.require(session, path, "Datastore.AllocateSpace");
    world.require(session, `/vms/${owner}`, "VM.Backup");
  } else {
    world.require(session, path, "Datastore.Audit");
    world.require(session, `/vms/${owner}`, "VM.Config.Disk");
  }
}

/** Refuses a bridge that a user may not use. */
export function checkBridge(context: Context, network: string): void {
  if (isRoot(context)) return;
  const { world, session } = context;
  const { bridge, tag, trunks } = parseSetting("lxc", "net0", network);
  if (bridge === undefined) return;
  const zone = world.state.sdn.running.vnets[bridge]?.["zone"] ?? "localnetwork";
  const path = `/sdn/zones/${zone}/${bridge}`;
  if (tag !== undefined && trunks === undefined && world.may(session, `${path}/${tag}`, "SDN.Use")) return;
  world.require(session, path, "SDN.Use");
}

function checkOption(
  context: Context,
  target: ConfigTarget,
  { before }: ConfigChange,
  name: string,
  value: string | undefined,
): void {
  const privilege = privilegeOf[name];
  if (privilege !== undefined) requireOnGuest(context, target, [privilege]);
  else if (/^(?:rootfs|mp\d+)$/.test(name)) checkMountPoint(context, target, name, value);
  else if (/^net\d+$/.test(name)) {
    requireOnGuest(context, target, ["VM.Config.Network"]);
    for (const network of [before[name], value]) if (network !== undefined) checkBridge(context, network);
  } else if (/^dev\d+$/.test(name)) {
    throw permissionError("configuring device passthrough is only allowed for root@pam");
  } else if (name === "features") checkFeatures(context, target, before[name], value);
  else if (name === "hookscript") throw permissionError("changing the hookscript is only allowed for root@pam");
  else requireOnGuest(context, target, ["VM.Config.Options"]);
}

function checkMountPoint(context: Context, target: ConfigTarget, name: string, text: string | undefined): void {
  requireOnGuest(context, target, ["VM.Config.Disk"]);
  if (text === undefined) return;
  const mountPoint = parseMountPoint(name, text);
  const { kind, volume } = mountPoint;
  if (kind !== "volume") throw permissionError(`mount point type ${kind} is only allowed for root@pam`);
  const wanted = newVolume(mountPoint);
  if (wanted !== undefined) {
    context.world.require(context.session, `/storage/${wanted.storage}`, "Datastore.AllocateSpace");
  } else if (!/^\d+(?:\.\d+)?$/.test(volume)) checkVolumeAccess(context, target.vmid, volume, "rootdir");
}

/** Only nesting is harmless enough for others than root. */
function checkFeatures(
  context: Context,
  target: ConfigTarget,
  before: string | undefined,
  after: string | undefined,
): void {
  if (!target.unprivileged) {
    throw permissionError("changing feature flags for privileged container is only allowed for root@pam");
  }
  const [old, wanted] = [before, after].map((text) => parseSetting("lxc", "features", text ?? ""));
  const changed = Object.keys({ ...old, ...wanted }).filter((name) => (old?.[name] ?? "") !== (wanted?.[name] ?? ""));
  if (changed.some((name) => name !== "nesting")) {
    throw permissionError("changing feature flags (except nesting) is only allowed for root@pam");
  }
  if (changed.length > 0) requireOnGuest(context, target, ["VM.Allocate"]);
}

/** What a volume's name says of it: PVE::Storage::parse_volname. */
function classify(name: string): { readonly content: string; readonly owner: number | undefined } {
  const [, folder] = /^(backup|import|iso|snippets|vztmpl)\//.exec(name) ?? [];
  const owner = /(?:vm|base|(?:sub|base)vol|vzdump-[a-z]+|backup\/(?:ct|vm))[-/](\d+)/.exec(
    folder === "backup" ? name : (name.split("/").at(-1) ?? name),
  )?.[1];
  return { content: folder ?? "rootdir", owner: owner === undefined ? undefined : Number(owner) };
}
