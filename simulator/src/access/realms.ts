import { ApiError, invalidParameters } from "../api-error.ts";
import { parsePropertyString, printPropertyString } from "../property-string.ts";
import type { Section } from "../state/cluster.ts";

interface RealmType {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const directory = [
  ..."bind_dn capath case-sensitive cert certkey comment default filter group_classes group_dn".split(" "),
  ..."group_filter group_name_attr mode password port secure server2 sslversion sync-defaults-options".split(" "),
  ..."sync_attributes tfa user_classes verify".split(" "),
];
const builtIn: RealmType = { required: [], optional: ["comment", "default", "tfa"] };

/** The kinds of realms, with their settings: https://pve.proxmox.com/wiki/User_Management#pveum_authentication_realms */
const types: Readonly<Record<string, RealmType>> = {
  ad: { required: ["server1", "domain"], optional: [...directory, "base_dn", "user_attr"] },
  ldap: { required: ["server1", "base_dn", "user_attr"], optional: directory },
  openid: {
    required: ["issuer-url", "client-id"],
    optional: [
      ..."acr-values audiences autocreate client-key comment default groups-autocreate groups-claim".split(" "),
      ..."groups-overwrite prompt query-userinfo scopes username-claim".split(" "),
    ],
  },
  pam: builtIn,
  pve: builtIn,
};

/** Whether a realm's users and groups come out of a directory. */
export function isDirectory(type: string | undefined): boolean {
  return type === "ad" || type === "ldap";
}

/** Refuses settings that a kind of realm does not have. */
export function checkSettings(type: string, settings: Section): void {
  const known = types[type];
  if (known === undefined) throw new ApiError(500, `unknown section type '${type}'`);
  for (const name of Object.keys(settings)) {
    if (![...known.required, ...known.optional].includes(name)) {
      throw new ApiError(500, `unexpected property '${name}'`);
    }
  }
}

/** Refuses a new realm that lacks a setting. */
export function checkComplete(type: string, settings: Section): void {
  const missing = types[type]?.required.find((name) => settings[name] === undefined);
  if (missing !== undefined) throw new ApiError(500, `missing value for required option '${missing}'`);
}

const syncOptions = Object.fromEntries(
  ["enable-new", "full", "purge", "remove-vanished", "scope"].map((name) => [
    name,
    { type: "string", optional: true } as const,
  ]),
);

/** The defaults for a sync in the words of today: `full` and `purge` have become `remove-vanished`. */
export function modernSyncOptions(text: string): string {
  const parsed = parsePropertyString(syncOptions, text);
  if (typeof parsed === "string") {
    throw invalidParameters({ "sync-defaults-options": `invalid format - ${parsed}` });
  }
  const { full = "0", purge = "0", ...options } = parsed;
  const removed = [...(full === "0" ? [] : ["entry", "properties"]), ...(purge === "0" ? [] : ["acl"])];
  return printPropertyString(syncOptions, {
    ...(removed.length === 0 ? {} : { "remove-vanished": removed.join(";") }),
    ...options,
  });
}
