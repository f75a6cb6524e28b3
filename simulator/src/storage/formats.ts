import { isIP } from "node:net";
import { parseRetention } from "../backup/retention.ts";
import { splitList } from "../lists.ts";
import { contentTypes } from "./options.ts";

const storageId = /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i;
const serverName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;
const volumeGroup = /^[a-z0-9][a-z0-9\-_.]*[a-z0-9]$/i;

/** The formats of PVE::Storage::Plugin and PVE::VZDump, in their words. */
export const storageFormatChecks: Readonly<Record<string, (text: string) => string | undefined>> = {
  "prune-backups": retentionProblem,
  "pve-day-of-week-list": (text) =>
    firstProblem(text, (day) => (/^(?:sun|mon|tue|wed|thu|fri|sat)$/.test(day) ? undefined : `invalid day '${day}'`)),
  "pve-dir-override-list": (text) =>
    firstProblem(text, (item) =>
      /^[a-z]+=[^,=]+$/.test(item) ? undefined : "value does not look like a valid 'content type=path' pair",
    ),
  "pve-storage-content": contentProblem,
  "pve-storage-content-list": (text) => firstProblem(text, contentProblem),
  "pve-storage-id-list": (text) =>
    firstProblem(text, (id) => (storageId.test(id) ? undefined : `storage ID '${id}' contains illegal characters`)),
  "pve-storage-options": (text) => (/^\S+$/.test(text) ? undefined : `invalid options '${text}'`),
  "pve-storage-path": (text) =>
    /^\/[^;()]+/.test(text) ? undefined : "value does not look like a valid absolute path",
  "pve-storage-portal-dns": portalProblem,
  "pve-storage-portal-dns-list": (text) => firstProblem(text, portalProblem),
  "pve-storage-server": (text) =>
    isIP(text) > 0 || serverName.test(text) ? undefined : "value does not look like a valid server name or IP address",
  "pve-storage-vgname": (text) =>
    volumeGroup.test(text) ? undefined : `lvm name '${text}' contains illegal characters`,
  "pve-storage-zfs-blocksize": (text) =>
    /^\d+[kKmM]?$/.test(text) ? undefined : `value does not match the regex pattern`,
};

function contentProblem(content: string): string | undefined {
  return contentTypes.includes(content) ? undefined : `invalid content type '${content}'`;
}

function portalProblem(portal: string): string | undefined {
  const host = portal.replace(/:\d+$/, "");
  return isIP(host) > 0 || serverName.test(host) ? undefined : "value does not look like a valid portal address";
}

function retentionProblem(text: string): string | undefined {
  try {
    parseRetention(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function firstProblem(text: string, check: (item: string) => string | undefined): string | undefined {
  return splitList(text)
    .map(check)
    .find((problem) => problem !== undefined);
}
