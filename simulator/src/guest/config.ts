import { createHash, randomBytes } from "node:crypto";
import { ApiError } from "../api-error.ts";
import { facts } from "../api/facts.ts";
import { formatTable, type Parameter, type ParameterTable } from "../check-parameters.ts";
import { parsePropertyString, printPropertyString } from "../property-string.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";

/** The settings of a kind of guest, as its configuration endpoint takes them. */
const settings: Readonly<Record<Guest["type"], ParameterTable>> = {
  lxc: facts["PUT /nodes/{node}/lxc/{vmid}/config"].parameters,
  qemu: facts["PUT /nodes/{node}/qemu/{vmid}/config"].parameters,
};

/** What the schema says of one setting; `net0` and `net1` are both `net[n]`. */
export function settingOf(type: Guest["type"], name: string): Parameter | undefined {
  return settings[type][name] ?? settings[type][name.replace(/\d+$/, "[n]")];
}

/** The SHA-1 over the configuration file, which guards against concurrent changes. */
export function configDigest(config: Section): string {
  const lines = Object.entries(config)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}\n`);
  return createHash("sha1").update(lines.join("")).digest("hex");
}

/** The SHA-1 over the whole file: with what is pending, and with the snapshots. */
export function guestDigest({ config, pending, snapshots }: Guest): string {
  const texts = [config, pending, ...Object.values(snapshots).map((snapshot) => snapshot.config)].map((section) =>
    Object.entries(section)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}: ${value ?? ""}\n`)
      .join(""),
  );
  return createHash("sha1").update(texts.join("\n")).digest("hex");
}

/**
 * Refuses a change that was made up from an older configuration.
 * @throws {ApiError} 500
 */
export function checkConfigDigest(guest: Guest, digest: string | undefined): void {
  if (digest !== undefined && digest !== guestDigest(guest)) {
    throw new ApiError(500, "detected modified configuration - file changed by other user? Try again.");
  }
}

/** What `GET …/config` returns: numbers as numbers, and the file's digest. */
export function showConfig(type: Guest["type"], config: Section): Record<string, string | number> {
  const values = Object.entries(config).map(
    ([name, value]) => [name, isNumeric(settingOf(type, name)) ? Number(value) : value] as const,
  );
  return { ...Object.fromEntries(values), digest: configDigest(config) };
}

/** The keys of a setting that is a property string, of a text that has passed the check. */
export function parseSetting(type: Guest["type"], name: string, text: string): Record<string, string> {
  const parsed = parsePropertyString(tableOf(type, name), text);
  return typeof parsed === "string" ? {} : parsed;
}

/** Writes a setting that is a property string. */
export function printSetting(type: Guest["type"], name: string, values: Readonly<Record<string, string>>): string {
  return printPropertyString(tableOf(type, name), values);
}

/** Writes a setting as the configuration file has it, whatever its kind of guest makes of it. */
export function plainSetting(type: Guest["type"], name: string, value: unknown): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  const text = String(value);
  const format = formatTable(settingOf(type, name)?.format);
  if (format === undefined) return text;
  const parsed = parsePropertyString(format, text);
  return typeof parsed === "string" ? text : printPropertyString(format, parsed);
}

/** A MAC address of Proxmox's own block: https://pve.proxmox.com/wiki/Network_Configuration */
export function randomMac(): string {
  const bytes = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0"));
  return ["BC", "24", "11", ...bytes].join(":").toUpperCase();
}

function isNumeric(parameter: Parameter | undefined): boolean {
  return parameter !== undefined && parameter.type !== "string" && parameter.type !== "array";
}

function tableOf(type: Guest["type"], name: string): ParameterTable {
  return formatTable(settingOf(type, name)?.format) ?? {};
}
