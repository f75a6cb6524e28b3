import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { checkStorageAccess } from "./check-access.ts";
import { cloudInitSettings } from "./cloud-init.ts";
import { createDisks } from "./create-disks.ts";
import { memoryOf } from "./describe.ts";
import { bootOrderOf, isCdrom, isCloudInit, isDriveName, parseDrive, printBootOrder } from "./drives.ts";
import { applyPending, cleanUpPending, hotplugPending, keepUnused } from "./pending.ts";
import { checkBridges, checkCpuModel, checkDevice, checkDrive, checkOptions, requireRootFor } from "./permissions.ts";
import { writeCloudInit } from "./power.ts";
import { refuseProtected, removeDetached } from "./remove-volume.ts";
import { checkMachineDigest, hashPassword, isSetting, toSettings } from "./settings.ts";

/** What `PUT …/config` takes, whatever the settings are. */
export interface UpdateParameters {
  readonly node: string;
  readonly vmid: number;
  readonly digest?: string;
  readonly delete?: string;
  readonly revert?: string;
  readonly force?: boolean;
  readonly skiplock?: boolean;
  readonly [setting: string]: unknown;
}

/** A change that has passed all checks that need no look at the machine. */
export interface Update {
  readonly settings: Section;
  readonly remove: readonly string[];
  readonly revert: readonly string[];
  readonly digest: string | undefined;
  readonly force: boolean;
  readonly skiplock: boolean;
}

/** Checks a change of a configuration. */
export function readUpdate(context: Context, parameters: UpdateParameters): Update {
  const { node, vmid, digest, delete: remove, revert, force = false, skiplock = false, ...values } = parameters;
  requireRootFor(context, { skiplock });
  if (remove === undefined && revert === undefined && Object.keys(values).length === 0) {
    throw new ApiError(500, "no options specified");
  }
  const settings = toSettings(context.world, node, values);
  const reverted = namesIn(revert, "revert", settings);
  const removed = namesIn(remove, "delete", settings).map((name) => (name === "cdrom" ? "ide2" : name));
  const both = removed.find((name) => reverted.includes(name));
  if (both !== undefined) {
    throw invalidParameters({ revert: `you can't use '-delete ${both}' and -revert ${both}' at the same time` });
  }
  const target = { vmid };
  checkOptions(context, target, removed);
  checkOptions(context, target, Object.keys(settings));
  checkStorageAccess(context, { node, vmid }, settings);
  checkBridges(context, settings);
  return { settings, remove: removed, revert: reverted, digest, force, skiplock };
}

/** The checks of a change that need the machine as it is. */
export function checkUpdate(context: Context, guest: Guest, update: Update): void {
  const { settings, digest, skiplock } = update;
  const { config, pending } = guest;
  checkMachineDigest(guest, digest);
  checkCpuModel(context, settings["cpu"], config["cpu"]);
  if (config["lock"] !== undefined && !skiplock) throw new ApiError(500, `VM is locked (${config["lock"]})`);
  if (settings["memory"] === undefined && settings["balloon"] === undefined) return;
  const memory = memoryOf({ ...guest, config: { ...config, ...definedOnly(pending), ...settings } });
  const balloon = Number(settings["balloon"] ?? pending["balloon"] ?? config["balloon"] ?? 0);
  if (balloon > memory) throw new ApiError(500, "balloon value too large (must be smaller than assigned memory)");
}

/** Changes a configuration: at once, or pending where a running machine can't take it. */
export function applyUpdate(context: Context, guest: Guest, update: Update, log: Log): void {
  const { settings, remove } = withReverted(guest, update);
  const order = new BootOrder(guest);
  for (const name of remove) removeSetting(context, guest, name, update.force, order, log);
  // The passwords of others have no place in a log.
  for (const [name, text] of Object.entries(settings))
    setSetting(context, guest, name, text, { settings, remove }, order, log);
  cleanUpPending(guest);
  if (guest.status === "running") hotplugPending(context.world, guest, log);
  else applyStopped(context, guest, log);
}

function applyStopped({ world }: Context, guest: Guest, log: Log): void {
  const hasNewDrive = Object.entries(guest.pending).some(
    ([name, text]) => text !== null && isDriveName(name) && isCloudInit(parseDrive(name, text)),
  );
  applyPending(world, guest, log);
  if (hasNewDrive) writeCloudInit(world, guest, log);
  else if (guest.cloudInit !== undefined) guest.cloudInit = cloudInitSettings(guest.config);
}

/** `revert` sets what is in force, or deletes what is only pending. */
function withReverted({ config, pending }: Guest, { settings, remove, revert }: Update) {
  const reverted = { ...settings };
  const removed = [...remove];
  for (const name of revert) {
    if (config[name] !== undefined) reverted[name] = config[name];
    else if (pending[name] !== undefined) removed.push(name);
  }
  return { settings: reverted, remove: removed };
}

/** The boot order while it is changed along with devices. */
class BootOrder {
  readonly #guest: Guest;
  #devices: string[];

  constructor(guest: Guest) {
    this.#guest = guest;
    this.#devices = bootOrderOf(guest.config);
  }

  remove(device: string): void {
    if (!this.#devices.includes(device)) return;
    this.#set(this.#devices.filter((other) => other !== device));
  }

  /** A new CD drive boots, too, where there is an order at all. */
  add(device: string): void {
    if (this.#devices.length > 0 && !this.#devices.includes(device)) this.#set([...this.#devices, device]);
  }

  #set(devices: string[]): void {
    this.#devices = devices;
    this.#guest.pending["boot"] = devices.length === 0 ? null : printBootOrder(devices);
  }
}

function removeSetting(context: Context, guest: Guest, name: string, force: boolean, order: BootOrder, log: Log): void {
  const { config, pending, vmid } = guest;
  const value = config[name] ?? pending[name] ?? undefined;
  if (value === undefined) {
    log(`cannot delete '${name}' - not set in current configuration!`);
    return;
  }
  const waiting = pending[name];
  Reflect.deleteProperty(pending, name);
  order.remove(name);
  const drive = /^unused\d+$/.test(name) || isDriveName(name) ? parseDrive(name, value) : undefined;
  if (/^unused\d+$/.test(name) || name === "vmstate") {
    removeDetached(context, guest, name, drive?.["file"] ?? value);
    return;
  }
  if (drive !== undefined) {
    refuseProtected(guest, `can't remove drive '${name}'`);
    checkDrive(context, { vmid }, name, value);
    if (typeof waiting === "string") keepUnused(context.world, guest, parseDrive(name, waiting));
  } else checkDevice(context, { vmid }, name, value, "delete");
  if (/^net\d+$/.test(name)) checkBridges(context, { [name]: value });
  if (config[name] === undefined) return;
  if (name === "tags") Reflect.deleteProperty(config, name);
  else pending[name] = null;
  if (force) guest.pendingForce = [...(guest.pendingForce ?? []), name];
}

function setSetting(
  context: Context,
  guest: Guest,
  name: string,
  text: string,
  { settings, remove }: { readonly settings: Section; readonly remove: readonly string[] },
  order: BootOrder,
  log: Log,
): void {
  const { config, pending, vmid } = guest;
  if (pending[name] === text) return;
  const before = config[name];
  if (isDriveName(name)) {
    setDrive(context, guest, name, text, order, log);
    return;
  }
  if (/^(?:serial|usb|hostpci|virtiofs)\d+$|^rng0$/.test(name)) {
    if (before !== undefined) checkDevice(context, { vmid }, name, before, "modify");
    checkDevice(context, { vmid }, name, text, "modify");
  }
  if (/^net\d+$/.test(name) && before !== undefined) checkBridges(context, { [name]: before });
  if (name === "cipassword") {
    config[name] = (config["ostype"] ?? "").startsWith("w") ? text : hashPassword(text);
    return;
  }
  pending[name] = text;
  if (name === "boot") checkBootOrder(guest, text, settings, remove);
}

function setDrive(context: Context, guest: Guest, name: string, text: string, order: BootOrder, log: Log): void {
  const { world } = context;
  const { config, pending, vmid, node } = guest;
  const before = config[name];
  const drive = parseDrive(name, text);
  if (before !== undefined) {
    checkDrive(context, { vmid }, name, before);
    if (name === "tpmstate0") refuseVersionChange(before, text);
  }
  checkDrive(context, { vmid }, name, text);
  const waiting = pending[name];
  if (typeof waiting === "string") {
    Reflect.deleteProperty(pending, name);
    const waitingDrive = parseDrive(name, waiting);
    const reused = [drive["file"], parseDrive(name, before ?? "none")["file"]].includes(waitingDrive["file"]);
    if (!reused) keepUnused(world, guest, waitingDrive);
  }
  const all = { ...config, ...definedOnly(pending) };
  const created = createDisks(world, { node, vmid, config: all }, { [name]: text }, log);
  Object.assign(pending, created);
  if (isCdrom(drive) && !isCloudInit(drive)) order.add(name);
}

function refuseVersionChange(before: string, after: string): void {
  const [old, drive] = [parseDrive("tpmstate0", before), parseDrive("tpmstate0", after)];
  if (old["file"] === drive["file"] && (old["version"] ?? "v1.2") !== (drive["version"] ?? "v1.2")) {
    throw new ApiError(500, "cannot change TPM state version after creation");
  }
}

function checkBootOrder({ config, pending }: Guest, text: string, settings: Section, remove: readonly string[]): void {
  const devices = bootOrderOf({ boot: text });
  for (const device of devices) {
    const exists = [config, pending, settings].some((section) => typeof section[device] === "string");
    if (!exists || remove.includes(device)) {
      throw new ApiError(500, `invalid bootorder: device '${device}' does not exist'`);
    }
  }
  if (devices.length === 0) return;
  pending["boot"] = printBootOrder(devices);
  if (config["bootdisk"] !== undefined) pending["bootdisk"] = null;
}

function namesIn(list: string | undefined, option: "delete" | "revert", settings: Section): string[] {
  return splitList(list).map((name) => {
    if (settings[name] !== undefined) {
      throw invalidParameters({ delete: `you can't use '-${name}' and -${option} ${name}' at the same time` });
    }
    if (!isSetting(name)) throw invalidParameters({ [option]: `unknown option '${name}'` });
    return name;
  });
}

function definedOnly(pending: Readonly<Record<string, string | null>>): Section {
  return Object.fromEntries(Object.entries(pending).filter((entry): entry is [string, string] => entry[1] !== null));
}
