import { ApiError, invalidParameters } from "../api-error.ts";
import { checkConfigDigest, settingOf } from "../guest/config.ts";
import { unlockedGuest } from "../guest/lock.ts";
import type { Context, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { Guest } from "../state/guest.ts";
import { splitVolumeId, type World } from "../world.ts";
import { isMountPoint, parseMountPoint } from "./mount-points.ts";
import { applyChanges, cleanUpPending } from "./pending.ts";
import { checkConfigPermissions } from "./permissions.ts";
import { storeSetting, type Settings } from "./settings.ts";

/** `PUT …/config` */
export function updateContainer(
  { node, vmid, digest, delete: remove, revert: back, ...set }: Parameters<"PUT /nodes/{node}/lxc/{vmid}/config">,
  context: Context,
): null {
  const { world } = context;
  const [deleted, reverted] = [splitList(remove), splitList(back)];
  if (remove === undefined && back === undefined && Object.keys(set).length === 0) {
    throw new ApiError(500, "no options specified");
  }
  const guest = unlockedGuest(world, "lxc", node, vmid);
  checkConfigDigest(guest, digest);
  const target = { vmid, unprivileged: guest.config["unprivileged"] === "1" };
  const before = guest.config;
  checkConfigPermissions(context, target, { before, set: {}, deleted: [...deleted, ...reverted] });
  checkNames(set, deleted, reverted);
  checkConfigPermissions(context, target, { before, set, deleted: [] });
  const errors = changeConfig(world, guest, { set, deleted, reverted });
  if (Object.keys(errors).length > 0) throw invalidParameters(errors);
  return null;
}

/** A change of a container's configuration. */
export interface ConfigUpdate {
  readonly set: Settings;
  readonly deleted: readonly string[];
  readonly reverted: readonly string[];
}

/**
 * Makes a change, and applies what can be applied now: PVE::LXC::Config::update_pct_config.
 * @returns what is wrong, by setting
 * @throws {ApiError} 500 for what is never possible
 */
export function changeConfig(world: World, guest: Guest, update: ConfigUpdate): Record<string, string> {
  const { config, pending } = guest;
  for (const name of update.reverted) Reflect.deleteProperty(pending, name);
  for (const name of update.deleted) {
    if (config[name] === undefined && pending[name] === undefined) continue;
    refuseDeletion(guest, name);
    pending[name] = null;
  }
  for (const [name, value] of Object.entries(update.set)) {
    if (value === undefined) continue;
    refuseSetting(world, guest, name, String(value));
    pending[name] = storeSetting(world, name, value);
  }
  cleanUpPending(guest);
  return applyChanges(world, guest, new Set([...update.deleted, ...Object.keys(update.set)]));
}

function checkNames(set: Settings, deleted: readonly string[], reverted: readonly string[]): void {
  for (const name of reverted) {
    if (!isSetting(name)) throw invalidParameters({ revert: `unknown option '${name}'` });
    if (set[name] !== undefined) {
      throw invalidParameters({ revert: `you can't use '-${name}' and '-revert ${name}' at the same time` });
    }
  }
  for (const name of deleted) {
    if (!isSetting(name)) throw invalidParameters({ delete: `unknown option '${name}'` });
    if (set[name] !== undefined) {
      throw invalidParameters({ delete: `you can't use '-${name}' and -delete ${name}' at the same time` });
    }
    if (reverted.includes(name)) {
      throw invalidParameters({ delete: `you can't use '-delete ${name}' and '-revert ${name}' at the same time` });
    }
  }
}

function isSetting(name: string): boolean {
  return settingOf("lxc", name) !== undefined && !/^(?:node|vmid|digest|delete|revert)$/.test(name);
}

function refuseDeletion({ vmid, config }: Guest, name: string): void {
  if (name === "memory" || name === "rootfs" || name === "ostype") {
    throw new ApiError(500, `unable to delete required option '${name}'`);
  }
  if (name === "unprivileged") throw new ApiError(500, `unable to delete read-only option: '${name}'`);
  if (/^(?:mp|unused)\d+$/.test(name) && config["protection"] === "1") {
    throw new ApiError(500, `can't remove CT ${vmid} drive '${name}' - protection mode enabled`);
  }
}

function refuseSetting(world: World, { vmid, config }: Guest, name: string, text: string): void {
  if (name === "unprivileged") throw new ApiError(500, `unable to modify read-only option: '${name}'`);
  if (!isMountPoint(name)) return;
  if (config["protection"] === "1") {
    throw new ApiError(500, `can't update CT ${vmid} drive '${name}' - protection mode enabled`);
  }
  const { kind, volume } = parseMountPoint(name, text);
  if (kind !== "volume") return;
  const id = splitVolumeId(volume).storage;
  const storage = world.state.storages[id];
  if (storage === undefined) throw new ApiError(500, `storage '${id}' does not exist`);
  if (!(storage.config["content"] ?? "").split(",").includes("rootdir")) {
    throw new ApiError(500, `storage '${id}' does not allow content type 'rootdir' (Container)`);
  }
}
