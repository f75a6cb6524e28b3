import { createHash, randomBytes } from "node:crypto";
import { facts } from "./api/facts.ts";
import type { ParameterTable } from "./check-parameters.ts";
import { parsePropertyString, printPropertyString } from "./property-string.ts";

const settings = facts["PUT /nodes/{node}/lxc/{vmid}/config"].parameters;
const numbers = new Set(
  Object.entries(settings)
    .filter(([, { type }]) => type !== "string")
    .map(([name]) => name),
);

/** The SHA-1 over the configuration file, which guards against concurrent changes. */
export function configDigest(config: Readonly<Record<string, string>>): string {
  const lines = Object.entries(config)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}\n`);
  return createHash("sha1").update(lines.join("")).digest("hex");
}

/** What `GET …/config` returns: numbers as numbers, and the file's digest. */
export function showConfig(config: Readonly<Record<string, string>>): Record<string, string | number> {
  const values = Object.entries(config).map(
    ([name, value]) => [name, numbers.has(name) ? Number(value) : value] as const,
  );
  return { ...Object.fromEntries(values), digest: configDigest(config) };
}

/** Writes a setting as Proxmox's configuration file has it. */
export function storeSetting(name: string, value: unknown, previous: string | undefined): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  const text = String(value);
  // The file keeps a description as comment lines: it comes back with a line break at its end.
  if (name === "description") return text.endsWith("\n") ? text : `${text}\n`;
  if (name === "tags")
    return [...new Set(text.toLowerCase().split(/[,;\s]+/))]
      .filter((tag) => tag !== "")
      .sort()
      .join(";");
  if (/^net\d+$/.test(name)) return storeNetwork(text, previous);
  const format = formatOf(name);
  if (format === undefined) return text;
  const parsed = parsePropertyString(format, text);
  return typeof parsed === "string" ? text : printPropertyString(format, parsed);
}

/** The keys of a container's network interface, of a text that has passed the check. */
export function parseNetwork(text: string): Record<string, string> {
  const parsed = parsePropertyString(tableOf("net[n]"), text);
  return typeof parsed === "string" ? {} : parsed;
}

/** The keys of rootfs or a mount point, of a text that has passed the check. */
export function parseMountPoint(text: string): Record<string, string> {
  const parsed = parsePropertyString(tableOf("mp[n]"), text);
  return typeof parsed === "string" ? {} : parsed;
}

/** Writes rootfs or a mount point. */
export function printMountPoint(values: Readonly<Record<string, string>>): string {
  return printPropertyString(tableOf("mp[n]"), values);
}

/** A MAC address is made up once and then stays. */
function storeNetwork(text: string, previous: string | undefined): string {
  const known = previous === undefined ? {} : parseNetwork(previous);
  const values = parseNetwork(text);
  const hwaddr = (values["hwaddr"] ?? known["hwaddr"] ?? randomMac()).toUpperCase();
  return printPropertyString(tableOf("net[n]"), { type: "veth", ...values, hwaddr });
}

/** Of Proxmox's own block of addresses: https://pve.proxmox.com/wiki/Network_Configuration */
function randomMac(): string {
  const bytes = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0"));
  return ["BC", "24", "11", ...bytes].join(":").toUpperCase();
}

function formatOf(name: string): ParameterTable | undefined {
  const format = (settings[name] ?? settings[name.replace(/\d+$/, "[n]")])?.format;
  return typeof format === "object" ? format : undefined;
}

function tableOf(name: string): ParameterTable {
  return formatOf(name) ?? {};
}
