import { ApiError } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { cloudInitSettings } from "./cloud-init.ts";
import { createDisks } from "./create-disks.ts";
import { bootOrderOf, isCdrom, isCloudInit, isDriveName, parseDrive, printBootOrder } from "./drives.ts";
import { applyPending, cleanUpPending, definedOnly, hotplugPending, keepUnused } from "./pending.ts";
import { checkBridges, checkDevice, checkDrive } from "./permissions.ts";
import { writeCloudInit } from "./power.ts";
import type { Update } from "./read-update.ts";
import { refuseProtected, removeDetached } from "./remove-volume.ts";
import { hashPassword } from "./settings.ts";

/** Changes a configuration: at once, or pending where a running machine can't take it. */
export function applyUpdate(context: Context, guest: Guest, update: Update, log: Log): void {
  const { settings, remove } = withReverted(guest, update);
  const order = new BootOrder(guest);
  for (const name of remove) removeSetting(context, guest, name, update.force, order, log);
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
