import { isIP, isIPv4, isIPv6 } from "node:net";
import { accessFormatChecks } from "./access/formats.ts";
import { parseCalendarEvent } from "./calendar-event.ts";
import { clusterFormatChecks } from "./cluster-formats.ts";
import { firewallFormatChecks } from "./firewall/formats.ts";
import { splitList } from "./lists.ts";
import { lxcFormatChecks } from "./lxc/formats.ts";
import { nodeFormatChecks } from "./node/formats.ts";
import { qemuFormatChecks, qemuPropertyStrings } from "./qemu/formats.ts";
import { sdnFormatChecks } from "./sdn/formats.ts";
import { storageFormatChecks } from "./storage/formats.ts";

type Check = (text: string) => string | undefined;

const dnsName = /^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/;

/** The named formats of PVE::JSONSchema that are checked here, in its words. */
const checks: Readonly<Record<string, Check>> = {
  ...accessFormatChecks,
  ...clusterFormatChecks,
  ...firewallFormatChecks,
  ...lxcFormatChecks,
  ...nodeFormatChecks,
  ...qemuFormatChecks,
  ...sdnFormatChecks,
  ...storageFormatChecks,
  CIDR: (text) => (isCidr(text) ? undefined : "value does not look like a valid CIDR network"),
  "dns-name": matching(dnsName, "value does not look like a valid DNS name"),
  "dns-name-list": listOf(matching(dnsName, "value does not look like a valid DNS name")),
  "disk-size": matching(/^\d+(\.\d+)?[KMGT]?$/, "value does not look like a valid disk size"),
  ip: ipProblem,
  "ip-list": listOf(ipProblem),
  ipv4: (text) => (isIPv4(text) ? undefined : "value does not look like a valid IPv4 address"),
  ipv6: (text) => (isIPv6(text) ? undefined : "value does not look like a valid IPv6 address"),
  "pve-ipv4-config": (text) =>
    text === "dhcp" || text === "manual" || isCidr(text)
      ? undefined
      : "value does not look like a valid ipv4 network configuration",
  "pve-ipv6-config": (text) =>
    ["auto", "dhcp", "manual"].includes(text) || isCidr(text)
      ? undefined
      : "value does not look like a valid ipv6 network configuration",
  "lxc-ip-with-ll-iface-list": listOf((text) =>
    isIP(text.split("%")[0] ?? "") > 0 ? undefined : "value does not look like a valid IP address",
  ),
  "mac-addr": matching(
    /^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i,
    "value does not look like a valid unicast MAC address",
  ),
  "pve-calendar-event": readable(parseCalendarEvent, (text) => `invalid calendar event '${text}'`),
  "pve-configid": matching(/^[a-z][a-z0-9_-]+$/i, "invalid configuration ID"),
  "pve-configid-list": listOf(matching(/^[a-z][a-z0-9_-]+$/i, "invalid configuration ID")),
  "pve-iface": (text) =>
    /^[a-z][a-z0-9_]{1,20}([:.]\d+)?$/i.test(text) ? undefined : `invalid network interface name '${text}'`,
  "pve-node": matching(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/, "value does not look like a valid node name"),
  "pve-startup-order": (text) =>
    text.split(",").every((part) => /^((order=)?\d+|up=\d+|down=\d+)$/.test(part.trim()))
      ? undefined
      : "unable to parse startup options",
  "pve-node-list": listOf(
    matching(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/, "value does not look like a valid node name"),
  ),
  "pve-storage-id": matching(/^[a-z][a-z0-9\-_.]*[a-z0-9]$/i, "storage ID contains illegal characters"),
  "pve-tag-list": listOf(matching(/^[a-z0-9_][a-z0-9_\-+.]*$/i, "invalid characters in tag")),
  "pve-vmid": matching(/^[1-9]\d{2,8}$/, "value does not look like a valid VM ID"),
  "pve-volume-id": matching(/^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i, "unable to parse volume ID"),
};

/** Whether values of a named format are checked here. */
export function isKnownFormat(format: string): boolean {
  return Object.hasOwn(checks, format) || Object.hasOwn(qemuPropertyStrings, format);
}

/** Says what is wrong with a value of a named format; formats that are not known here accept everything. */
export function formatProblem(format: string, text: string): string | undefined {
  return checks[format]?.(text);
}

function matching(pattern: RegExp, problem: string): Check {
  return (text) => (pattern.test(text) ? undefined : problem);
}

/** A format that has a reader of its own, whose error says the rest. */
function readable(read: (text: string) => unknown, describe: (text: string) => string): Check {
  return (text) => {
    try {
      read(text);
      return undefined;
    } catch (error) {
      return `${describe(text)} - ${error instanceof Error ? error.message : String(error)}`;
    }
  };
}

function listOf(check: Check): Check {
  return (text) =>
    splitList(text)
      .map(check)
      .find((problem) => problem !== undefined);
}

function ipProblem(text: string): string | undefined {
  return isIP(text) > 0 ? undefined : "value does not look like a valid IP address";
}

function isCidr(text: string): boolean {
  const [address = "", prefix = ""] = text.split("/");
  const version = isIP(address);
  return version > 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}
