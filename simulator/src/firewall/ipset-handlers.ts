import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import { checkDigest, digestOf } from "../section-config.ts";
import type { Firewall, IpSet } from "../state/cluster.ts";
import { normalizeCidr } from "./addresses.ts";
import type { Level, Names } from "./level.ts";
import { hasAlias } from "./names.ts";

type IpSets = Firewall["ipsets"];

interface Named {
  readonly name: string;
}

interface Settings extends Named {
  readonly comment?: string;
  readonly digest?: string;
  /** The set that gets the new name and comment. */
  readonly rename?: string;
}

interface Entry extends Named {
  readonly cidr: string;
  readonly nomatch?: boolean;
  readonly comment?: string;
  readonly digest?: string;
}

/** Sets of addresses. Their file lowers the names. */
export function ipSetHandlers<Target>(level: Level<Target, Names>) {
  return {
    GET: (target: Target, context: Context) => listIpSets(level.read(target, context).ipsets),
    POST: (parameters: Target & Settings, context: Context) => {
      const { ipsets } = level.write(parameters, context);
      const { name, rename, comment, digest } = parameters;
      if (rename !== undefined) renameIpSet(ipsets, rename, parameters, digest);
      else if (Object.hasOwn(ipsets, name)) throw invalidParameters({ name: `IPSet '${name}' already exists` });
      else if (!Object.hasOwn(ipsets, name.toLowerCase()))
        ipsets[name.toLowerCase()] = { ...commentOf(comment), entries: {} };
      return null;
    },
    "GET /{name}": (parameters: Target & Named, context: Context) => {
      const { entries } = requireIpSet(level.read(parameters, context).ipsets, parameters.name);
      return Object.keys(entries)
        .sort()
        .map((cidr) => showEntry(entries, cidr));
    },
    "DELETE /{name}": (parameters: Target & Named & { readonly force?: boolean }, context: Context) => {
      const { ipsets } = level.write(parameters, context);
      const { name, force = false } = parameters;
      const { entries } = requireIpSet(ipsets, name);
      if (Object.keys(entries).length > 0 && !force) throw new ApiError(500, `IPSet '${name}' is not empty`);
      Reflect.deleteProperty(ipsets, name);
      return null;
    },
    ...entryHandlers(level),
  };
}

function entryHandlers<Target>(level: Level<Target, Names>) {
  const entriesOf = (parameters: Target & Named, context: Context) =>
    requireIpSet(level.write(parameters, context).ipsets, parameters.name).entries;
  return {
    "POST /{name}": (parameters: Target & Entry, context: Context) => {
      const names = level.write(parameters, context);
      const { entries } = requireIpSet(names.ipsets, parameters.name);
      const cidr = entryAddress(parameters.cidr, names, context);
      if (Object.hasOwn(entries, cidr)) throw invalidParameters({ cidr: `address '${cidr}' already exists` });
      if (/\/0+$/.test(cidr)) throw invalidParameters({ cidr: "a zero prefix is not allowed in ipset entries" });
      entries[cidr] = entryOf(parameters);
      return null;
    },
    "GET /{name}/{cidr}": (parameters: Target & Entry, context: Context) => {
      const { entries } = requireIpSet(level.read(parameters, context).ipsets, parameters.name);
      requireEntry(entries, parameters.cidr);
      return showEntry(entries, parameters.cidr);
    },
    "PUT /{name}/{cidr}": (parameters: Target & Entry, context: Context) => {
      const entries = entriesOf(parameters, context);
      checkDigest(entries, parameters.digest);
      requireEntry(entries, parameters.cidr);
      entries[parameters.cidr] = entryOf(parameters);
      return null;
    },
    "DELETE /{name}/{cidr}": (parameters: Target & Entry, context: Context) => {
      const entries = entriesOf(parameters, context);
      checkDigest(entries, parameters.digest);
      Reflect.deleteProperty(entries, parameters.cidr);
      return null;
    },
  };
}

function listIpSets(ipsets: IpSets) {
  const list = Object.keys(ipsets)
    .sort()
    .map((name) => ({ name, ...commentOf(ipsets[name]?.comment) }));
  const digest = digestOf(list);
  return list.map((ipset) => ({ ...ipset, digest }));
}

function renameIpSet(ipsets: IpSets, from: string, { name, comment }: Settings, digest: string | undefined): void {
  const [{ digest: current } = {}] = listIpSets(ipsets);
  if (digest !== undefined && digest !== (current ?? digestOf([])))
    throw new ApiError(500, "detected modified configuration - file changed by other user? Try again.");
  const ipset = Object.hasOwn(ipsets, from) ? ipsets[from] : undefined;
  if (ipset === undefined) throw invalidParameters({ name: `IPSet '${from}' does not exist` });
  if (name !== from && Object.hasOwn(ipsets, name))
    throw invalidParameters({ name: `IPSet '${name}' does already exist` });
  Reflect.deleteProperty(ipsets, from);
  ipsets[name.toLowerCase()] = { ...commentOf(comment ?? ipset.comment), entries: ipset.entries };
}

function requireIpSet(ipsets: IpSets, name: string): IpSet {
  const ipset = Object.hasOwn(ipsets, name) ? ipsets[name] : undefined;
  if (ipset === undefined) throw new ApiError(500, `no such IPSet '${name}'`);
  return ipset;
}

/** An alias that there is, or an address as the file has it. */
function entryAddress(text: string, names: Names, { world }: Context): string {
  const [, scope = "", alias] = /^(dc\/|guest\/)?([A-Za-z][A-Za-z0-9\-_]+)$/.exec(text) ?? [];
  if (alias === undefined) return normalizeCidr(text, true);
  if (!hasAlias(world, names, alias, scope)) throw new ApiError(500, `no such alias '${alias}'`);
  return text;
}

function entryOf({ nomatch = false, comment }: Entry): IpSet["entries"][string] {
  return { ...commentOf(comment), ...(nomatch ? { nomatch } : {}) };
}

function requireEntry(entries: IpSet["entries"], cidr: string): void {
  if (!Object.hasOwn(entries, cidr)) throw invalidParameters({ cidr: "no such IP/Network" });
}

function showEntry(entries: IpSet["entries"], cidr: string) {
  const { comment, nomatch = false } = entries[cidr] ?? {};
  return { cidr, ...commentOf(comment), ...(nomatch ? { nomatch: 1 as const } : {}), digest: digestOf(entries) };
}

function commentOf(comment = ""): { comment?: string } {
  const text = comment.trim();
  return text === "" ? {} : { comment: text };
}
