import { orFail } from "../access/failures.ts";
import { findOwn } from "../access/permissions.ts";
import { checkComplete, checkSettings, isDirectory, modernSyncOptions } from "../access/realms.ts";
import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { checkDigest, digestOf, fromSection, toSection } from "../section-config.ts";
import type { AccessState } from "../state/access.ts";
import type { Section } from "../state/cluster.ts";
import { tfaTypeOf } from "./access-tfa.ts";

/** What stands in domains.cfg even where it does not. */
const builtIn: Readonly<Record<string, Section>> = {
  pam: { type: "pam", comment: "Linux PAM standard authentication" },
  pve: { type: "pve", comment: "Proxmox VE authentication server" },
};

/** Realms: where users and their passwords come from. Directories and providers are configured, and never asked. */
export const accessRealmHandlers: Handlers = {
  "GET /access/domains": (_parameters, { world }) =>
    Object.entries(world.state.access.realms)
      .map(([realm, section]) => listRealm(realm, section))
      .sort((a, b) => (a.realm < b.realm ? -1 : 1)),
  "POST /access/domains": ({ realm, type, password, "check-connection": check, ...settings }, { world }) =>
    orFail("add auth server failed", () => {
      const { access } = world.state;
      if (findOwn(access.realms, realm) !== undefined) throw new ApiError(500, `domain '${realm}' already exists`);
      if (type in builtIn) throw new ApiError(500, `unable to create builtin type '${type}'`);
      checkConnection(type, check);
      const section = readSettings(type, settings);
      checkComplete(type, section);
      if (section["default"] === "1") clearDefault(access);
      access.realms[realm] = { type, ...section };
      if (isDirectory(type)) storeBindPassword(access, realm, password);
      return null;
    }),
  "GET /access/domains/{realm}": ({ realm }, { world: { state } }) => {
    const section = findRealm(state.access, realm);
    return {
      ...fromSection(section, "POST /access/domains"),
      ...(realm === "pam" ? { plugin: "PVE::Auth::PAM" } : {}),
      digest: digestOf(state.access.realms),
    };
  },
  "PUT /access/domains/{realm}": (
    { realm, digest, delete: remove, password, "check-connection": check, ...settings },
    { world },
  ) =>
    orFail("update auth server failed", () => {
      const { access } = world.state;
      checkDigest(access.realms, digest);
      const section = findRealm(access, realm);
      const { type = "" } = section;
      checkConnection(type, check);
      if (!remove && Object.keys(settings).length === 0 && password === undefined) {
        throw new ApiError(500, "no options specified");
      }
      const removed = splitList(remove);
      for (const name of removed) Reflect.deleteProperty(section, name);
      const changes = readSettings(type, settings);
      if (changes["default"] === "1") clearDefault(access);
      Object.assign(section, changes, { type }, builtInComment(realm, { ...section, ...changes }));
      if (isDirectory(type) && (password !== undefined || removed.includes("password"))) {
        storeBindPassword(access, realm, password);
      }
      return null;
    }),
  "DELETE /access/domains/{realm}": ({ realm }, { world: { state } }) =>
    orFail("delete auth server failed", () => {
      const { access } = state;
      if (findOwn(access.realms, realm) === undefined) {
        throw new ApiError(500, `authentication domain '${realm}' does not exist`);
      }
      Reflect.deleteProperty(access.realms, realm);
      storeBindPassword(access, realm, undefined);
      const original = findOwn(builtIn, realm);
      if (original !== undefined) access.realms[realm] = { ...original };
      return null;
    }),
};

function listRealm(realm: string, section: Section) {
  const { type = "", comment } = section;
  const tfa = tfaTypeOf(section);
  return {
    realm,
    type,
    ...(comment ? { comment } : {}),
    ...(section["default"] === "1" ? { default: 1 } : {}),
    ...(tfa === undefined ? {} : { tfa }),
  };
}

function findRealm({ realms }: AccessState, realm: string): Section {
  const section = findOwn(realms, realm);
  if (section === undefined) throw new ApiError(500, `domain '${realm}' does not exist`);
  return section;
}

function readSettings(type: string, settings: Readonly<Record<string, unknown>>): Section {
  const section = toSection(settings);
  const options = section["sync-defaults-options"];
  if (isDirectory(type) && options !== undefined) section["sync-defaults-options"] = modernSyncOptions(options);
  checkSettings(type, section);
  return section;
}

function checkConnection(type: string, check: boolean | undefined): void {
  if (check === undefined) return;
  if (!isDirectory(type)) {
    throw new ApiError(500, "'check-connection' parameter can only be set for realms of type 'ldap' or 'ad'");
  }
  if (check) throw new ApiError(501, "the simulator does not know 'check-connection' of /access/domains yet");
}

/** There is one default at most. */
function clearDefault({ realms }: AccessState): void {
  for (const section of Object.values(realms)) Reflect.deleteProperty(section, "default");
}

function builtInComment(realm: string, { comment }: Section): Section {
  const original = findOwn(builtIn, realm)?.["comment"];
  return original === undefined || comment ? {} : { comment: original };
}

function storeBindPassword(access: AccessState, realm: string, password: string | undefined): void {
  const { [realm]: _forgotten, ...others } = access.realmPasswords ?? {};
  access.realmPasswords = password === undefined ? others : { ...others, [realm]: password };
}
