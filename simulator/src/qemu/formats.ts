import { isIP } from "node:net";
import { facts } from "../api/facts.ts";
import type { Parameter, ParameterTable } from "../check-parameters.ts";
import { splitList } from "../lists.ts";
import { parsePropertyString } from "../property-string.ts";
import { builtInModels, cpuFlags, cpuModels } from "./cpu-models.ts";

const optional = { optional: true } as const;
const boolean: Parameter = { type: "boolean", ...optional };
const text: Parameter = { type: "string", ...optional };
const integer: Parameter = { type: "integer", ...optional };
const base64: Parameter = { ...text, pattern: String.raw`[A-Za-z0-9+\/]+={0,2}` };
const hexId: Parameter = { ...text, pattern: "0x[0-9a-fA-F]{4}" };
const volume: Parameter = { ...text, format: "pve-volume-id" };
const pciId = String.raw`(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\.[a-f0-9])?`;
const uuid = "[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}";

/** The property strings of a virtual machine whose keys the API schema does not list. */
export const qemuPropertyStrings: Readonly<Record<string, ParameterTable>> = {
  "pve-qemu-sev-fmt": {
    type: { type: "string", enum: ["std", "es", "snp"], maxLength: 3, defaultKey: true },
    "allow-smt": boolean,
    "kernel-hashes": boolean,
    "no-debug": boolean,
    "no-key-sharing": boolean,
  },
  "pve-qemu-tdx-fmt": {
    type: { type: "string", enum: ["tdx"], defaultKey: true },
    attestation: { type: "boolean" },
    "vsock-cid": { ...integer, minimum: 2 },
    "vsock-port": { ...integer, minimum: 0 },
  },
  "pve-qm-boot": {
    legacy: { ...text, pattern: "[acdn]{1,4}", defaultKey: true },
    order: { ...text, format: "pve-qm-bootdev-list" },
  },
  "pve-qm-cicustom": { meta: volume, network: volume, user: volume, vendor: volume },
  "pve-qm-hostpci": {
    host: { ...text, pattern: `${pciId}(;${pciId})*`, defaultKey: true },
    "device-id": hexId,
    driver: { ...text, enum: ["vfio", "keep"] },
    "legacy-igd": boolean,
    mapping: { ...text, format: "pve-configid" },
    mdev: { ...text, pattern: String.raw`[^/\.:]+` },
    pcie: boolean,
    rombar: boolean,
    romfile: { ...text, pattern: "[^,;]+" },
    "sub-device-id": hexId,
    "sub-vendor-id": hexId,
    "vendor-id": hexId,
    "x-vga": boolean,
  },
  "pve-qm-ide": ideDrive(),
  "pve-qm-ipconfig": {
    gw: { ...text, format: "ipv4", requires: "ip" },
    gw6: { ...text, format: "ipv6", requires: "ip6" },
    ip: { ...text, format: "pve-ipv4-config" },
    ip6: { ...text, format: "pve-ipv6-config" },
  },
  "pve-qm-rng": {
    source: { type: "string", enum: ["/dev/urandom", "/dev/random", "/dev/hwrng"], defaultKey: true },
    max_bytes: integer,
    period: integer,
  },
  "pve-qm-smbios1": {
    base64: boolean,
    family: base64,
    manufacturer: base64,
    product: base64,
    serial: base64,
    sku: base64,
    uuid: { ...text, pattern: uuid },
    version: base64,
  },
  "pve-qm-watchdog": {
    model: { ...text, enum: ["i6300esb", "ib700"], defaultKey: true },
    action: { ...text, enum: ["reset", "shutdown", "poweroff", "pause", "debug", "none"] },
  },
  "pve-vm-cpu-conf": {
    cputype: { ...text, defaultKey: true },
    flags: { ...text, pattern: String.raw`[+-][a-zA-Z0-9\-_.]+(;[+-][a-zA-Z0-9\-_.]+)*` },
    "guest-phys-bits": { ...integer, minimum: 32, maximum: 64 },
    hidden: boolean,
    "hv-vendor-id": { ...text, pattern: "[a-zA-Z0-9]{1,12}" },
    level: { ...integer, minimum: 0 },
    "phys-bits": { ...text, format: "pve-phys-bits" },
    "reported-model": { ...text, enum: Object.keys(cpuModels) },
  },
};

const driveNames = /^(?:ide[0-3]|sata[0-5]|scsi(?:[12]?\d|30)|virtio(?:\d|1[0-5]))$/;
const bootDevices = /^(?:net(?:[12]?\d|3[01])|usb(?:\d|1[0-3])|hostpci(?:\d|1[0-5]))$/;

/** Checks of a virtual machine's named formats, in Proxmox's words. */
export const qemuFormatChecks: Readonly<Record<string, (value: string) => string | undefined>> = {
  "address-list": (value) =>
    splitList(value).every((address) => isIP(address) > 0 || isHostName(address))
      ? undefined
      : "value does not look like a valid address",
  "pve-bridge-id": (value) => (/^[-_.\w\d]+$/.test(value) ? undefined : "invalid bridge name"),
  "pve-cpuset": (value) => (/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(value) ? undefined : "unable to parse cpuset option"),
  "pve-hotplug-features": (value) => {
    if (value === "0" || value === "1") return undefined;
    const wrong = splitList(value).find((feature) => !/^(network|disk|cpu|memory|usb|cloudinit)$/.test(feature));
    return wrong === undefined ? undefined : `invalid hotplug feature '${wrong}'`;
  },
  "pve-phys-bits": (value) =>
    value === "host" || (/^\d{1,2}$/.test(value) && Number(value) >= 8 && Number(value) <= 64)
      ? undefined
      : "value must be an integer between 8 and 64 or 'host'",
  "pve-qm-bootdev-list": (value) => {
    const wrong = splitList(value).find((device) => !driveNames.test(device) && !bootDevices.test(device));
    return wrong === undefined ? undefined : `invalid boot device '${wrong}'`;
  },
  "pve-qm-bootdisk": (value) => (driveNames.test(value) ? undefined : `invalid boot disk '${value}'`),
  "pve-vm-cpu-conf": cpuProblem,
  "pve-volume-id-or-absolute-path": volumeProblem,
  "pve-volume-id-or-qm-path": (value) => (value === "none" || value === "cdrom" ? undefined : volumeProblem(value)),
  urlencoded: (value) => (/^[-%a-zA-Z0-9_.!~*'()]*$/.test(value) ? undefined : `invalid urlencoded string: ${value}`),
};

/** `cdrom` is another name of `ide2`. */
function ideDrive(): ParameterTable {
  const format = facts["PUT /nodes/{node}/qemu/{vmid}/config"].parameters["ide[n]"]?.format;
  return typeof format === "object" ? format : {};
}

function volumeProblem(value: string): string | undefined {
  if (value.startsWith("/") || /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i.test(value)) return undefined;
  return `unable to parse volume ID '${value}'`;
}

function isHostName(value: string): boolean {
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value);
}

function cpuProblem(value: string): string | undefined {
  const parsed = parsePropertyString(qemuPropertyStrings["pve-vm-cpu-conf"] ?? {}, value);
  if (typeof parsed === "string") return parsed;
  const { cputype, flags, "reported-model": reported } = parsed;
  if (cputype === undefined) return "CPU is missing cputype";
  if (!cputype.startsWith("custom-") && !Object.hasOwn(cpuModels, cputype) && !builtInModels.includes(cputype)) {
    return `Built-in cputype '${cputype}' is not defined (missing 'custom-' prefix?)`;
  }
  if (flags?.split(";").some((flag) => !cpuFlags.includes(flag.slice(1)))) {
    return `VM-specific CPU flags must be a subset of: ${cpuFlags.join(", ")}`;
  }
  return reported === undefined ? undefined : "Property 'reported-model' not allowed in VM-specific CPU config.";
}
