import { requireOnGuest } from "../guest/permissions.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import { parseSetting } from "../guest/config.ts";
import type { Context } from "../handlers.ts";
import type { Section } from "../state/cluster.ts";
import { isCdrom, isDriveName, newDiskOf, parseDrive, type Drive } from "./drives.ts";
import { checkVolumeAccess } from "./permissions.ts";

/** For which machine settings are checked. */
export interface AccessTarget {
  readonly node: string;
  readonly vmid: number;
  readonly defaultStorage?: string | undefined;
}

/** Checks what settings take of storages: PVE::API2::Qemu's check_storage_access. */
export function checkStorageAccess(context: Context, target: AccessTarget, settings: Section): void {
  const { world, session } = context;
  for (const [name, text] of Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (isDriveName(name)) checkDriveAccess(context, target, name, parseDrive(name, text));
    else if (/^unused\d+$/.test(name)) {
      checkVolumeAccess(context, target.vmid, target.node, parseSetting("qemu", name, text)["file"] ?? text);
    }
  }
  const { vmstatestorage, cicustom } = settings;
  if (vmstatestorage !== undefined) world.require(session, `/storage/${vmstatestorage}`, "Datastore.AllocateSpace");
  const snippets = cicustom === undefined ? {} : parseSetting("qemu", "cicustom", cicustom);
  for (const volumeId of Object.values(snippets).sort()) {
    checkVolumeAccess(context, target.vmid, target.node, volumeId);
  }
}

function checkDriveAccess(context: Context, target: AccessTarget, name: string, drive: Drive): void {
  const { world, session } = context;
  const { file = "", "import-from": source } = drive;
  const wanted = newDiskOf(drive);
  if (file === "cdrom") world.require(session, "/", "Sys.Console");
  else if (file !== "none" && file !== "cloudinit" && !file.endsWith(":cloudinit")) {
    if (wanted !== undefined && !isCdrom(drive)) requireSpace(context, wanted.storage ?? target.defaultStorage);
    else {
      checkVolumeAccess(context, target.vmid, target.node, file);
      const content = /:(iso|vztmpl|backup|snippets|import)\//.exec(file)?.[1] ?? "iso";
      if (content !== "iso") throw invalidParameters({ [name]: "content type needs to be 'images' or 'iso'" });
    }
  }
  if (source !== undefined) checkSource(context, target, name, source);
}

function requireSpace({ world, session }: Context, storage: string | undefined): void {
  if (storage === undefined) throw new ApiError(500, "no storage ID specified (and no default storage)");
  world.require(session, `/storage/${storage}`, "Datastore.AllocateSpace");
  const known = world.state.storages[storage];
  if (known === undefined) throw new ApiError(500, `storage '${storage}' does not exist`);
  if (!(known.config["content"] ?? "").split(",").includes("images")) {
    throw invalidParameters({ storage: `storage '${storage}' does not support vm images` });
  }
}

function checkSource(context: Context, { node, vmid }: AccessTarget, name: string, source: string): void {
  const [storage = "", volume = ""] = source.startsWith("/") ? [] : source.split(":");
  if (storage !== "" && context.world.state.storages[storage] === undefined) {
    throw new ApiError(500, `storage '${storage}' does not exist`);
  }
  const type = /^(iso|vztmpl|backup|snippets|import)\//.exec(volume)?.[1] ?? "images";
  if (type !== "images" && type !== "import") {
    throw invalidParameters({ [name]: `${source} has wrong type '${type}' - needs to be 'images' or 'import'` });
  }
  const owner = storage === "" ? undefined : context.world.volumesOn(node, storage)[volume]?.vmid;
  if (owner !== undefined && type === "images") requireOnGuest(context, { vmid: owner }, ["VM.Clone"]);
  else checkVolumeAccess(context, vmid, node, source);
}
