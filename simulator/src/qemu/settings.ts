import { createHash, randomBytes, randomUUID } from "node:crypto";
import { ApiError, invalidParameters } from "../api-error.ts";
import { guestDigest, settingOf, showConfig } from "../guest/config.ts";
import { printTags } from "../guest/tags.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { isDriveName, newDiskOf, parseDrive, printDrive } from "./drives.ts";
import { printNetwork } from "./networks.ts";

/** Shown instead of a password. */
export const hiddenPassword = "**********";

/** Values of a request as the configuration has them; drives are checked and get Proxmox's order of keys. */
export function toSettings(world: World, node: string, values: Readonly<Record<string, unknown>>): Section {
  const settings: Section = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const name = key === "cdrom" ? "ide2" : key;
    const text = key === "cdrom" ? withMedia(textOf(world, name, value)) : textOf(world, name, value);
    settings[name] = isDriveName(name) ? checkDriveText(world, node, name, text) : text;
  }
  if (settings["sshkeys"] !== undefined) checkSshKeys(settings["sshkeys"]);
  return settings;
}

/** What `GET …/config` returns of a configuration. */
export function showSettings(guest: Guest, config: Section): Record<string, string | number> {
  const { digest: _, ...shown } = showConfig("qemu", config);
  return {
    ...shown,
    ...(config["cipassword"] === undefined ? {} : { cipassword: hiddenPassword }),
    digest: guestDigest(guest),
  };
}

/**
 * Refuses a change that was made up from an older configuration, in the words of QEMU's part of Proxmox.
 * @throws {ApiError} 500
 */
export function checkMachineDigest(guest: Guest, digest: string | undefined): void {
  if (digest !== undefined && digest !== guestDigest(guest)) {
    throw new ApiError(500, "checksum mismatch (file change by other user?)");
  }
}

/** A password as `/etc/shadow` has it: SHA-256, or as it is where it is hashed already. */
export function hashPassword(password: string): string {
  if (/^\$(?:[156]|2[ay])(\$.+){2}/.test(password)) return password;
  const salt = randomBytes(6).toString("base64url");
  const hash = createHash("sha256")
    .update(salt + password)
    .digest("base64")
    .replaceAll("+", ".")
    .replace(/=+$/, "");
  return `$5$${salt}$${hash}`;
}

/** The settings that every new machine gets. */
export function newIdentity({ smbios1, vmgenid }: Section): Section {
  return {
    smbios1: smbios1 ?? `uuid=${randomUUID()}`,
    vmgenid: vmgenid === undefined || vmgenid === "1" ? randomUUID() : vmgenid,
  };
}

function textOf(world: World, name: string, value: unknown): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  const text = String(value);
  switch (name) {
    case "description":
      return text.trimEnd();
    case "tags":
      return printTags(world, text);
    case "cpuunits":
      // What a cgroup can have.
      return String(Math.min(10_000, Number(text)));
    case "vmgenid":
      return text === "1" ? randomUUID() : text;
    default:
      return /^net\d+$/.test(name) ? printNetwork(name, text) : text;
  }
}

function withMedia(text: string): string {
  return text.includes("media=") ? text : `${text},media=cdrom`;
}

function checkDriveText(world: World, node: string, name: string, text: string): string {
  const drive = parseDrive(name, text);
  const { file = "", media, mbps, mbps_rd: read, mbps_wr: write, "import-from": source } = drive;
  if ((mbps !== undefined && (read ?? write) !== undefined) || (media === "cdrom" && drive["format"] !== undefined)) {
    throw invalidParameters({ [name]: "unable to parse drive options" });
  }
  if (source !== undefined) checkImport(name, text);
  const [storage = "", volume = ""] = file.split(":");
  if (volume.startsWith("iso/") && media !== "cdrom") {
    throw invalidParameters({ [name]: "explicit 'media=cdrom' is required for iso images" });
  }
  if (file.includes(":")) {
    // Parsing a volume's name looks up its storage.
    if (world.state.storages[storage] === undefined) throw new ApiError(500, `storage '${storage}' does not exist`);
    world.node(node);
  }
  return printDrive(name, drive);
}

function checkImport(name: string, text: string): void {
  const drive = parseDrive(name, text);
  const refuse = (problem: string) => invalidParameters({ [name]: problem });
  if (newDiskOf(drive)?.gib !== 0) {
    throw refuse("'import-from' requires special syntax - use <storage ID>:0,import-from=<source>");
  }
  const required = { efidisk0: ["efitype", "pre-enrolled-keys"], tpmstate0: ["version"] }[name] ?? [];
  for (const key of required) {
    if (drive[key] === undefined) throw refuse(`need to specify '${key}' when using 'import-from'`);
  }
}

/** Each line has to look like a public key. */
function checkSshKeys(text: string): void {
  const lines = decodeURIComponent(text)
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  if (lines.every((line) => /(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+\s+[A-Za-z0-9+/]+=*/.test(line))) return;
  throw new ApiError(500, "SSH public key validation error");
}

/** Whether there is a setting of this name: PVE::QemuServer::option_exists. */
export function isSetting(name: string): boolean {
  return settingOf("qemu", name) !== undefined && !/^(?:node|vmid|digest|delete|revert|force|skiplock)$/.test(name);
}
