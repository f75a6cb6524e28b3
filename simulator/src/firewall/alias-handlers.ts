import { invalidParameters } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import { checkDigest, digestOf } from "../section-config.ts";
import type { Firewall } from "../state/cluster.ts";
import { normalizeCidr } from "./addresses.ts";
import type { Level, Names } from "./level.ts";
import { versionOf } from "./names.ts";

type Aliases = Firewall["aliases"];

interface Settings {
  readonly name: string;
  readonly cidr: string;
  readonly comment?: string;
}

interface Named {
  readonly name: string;
  readonly digest?: string;
}

/** Names of addresses: spelled as they were given, found in whatever case. */
export function aliasHandlers<Target>(level: Level<Target, Names>) {
  return {
    GET: (target: Target, context: Context) => {
      const { aliases } = level.read(target, context);
      return sortedNames(aliases).map((key) => ({ ...showAlias(aliases, key), digest: digestOf(aliases) }));
    },
    POST: (parameters: Target & Settings, context: Context) => {
      const { aliases } = level.write(parameters, context);
      const { name } = parameters;
      if (Object.hasOwn(aliases, name.toLowerCase()))
        throw invalidParameters({ name: `alias '${name}' already exists` });
      aliases[name.toLowerCase()] = aliasOf(parameters);
      return null;
    },
    "GET /{name}": (parameters: Target & Named, context: Context) => {
      const { aliases } = level.read(parameters, context);
      return showAlias(aliases, requireAlias(aliases, parameters.name));
    },
    "PUT /{name}": (
      parameters: Target & Settings & { readonly rename?: string; readonly digest?: string },
      context: Context,
    ) => {
      const { aliases } = level.write(parameters, context);
      checkDigest(aliases, parameters.digest);
      const key = requireAlias(aliases, parameters.name);
      const { name, rename = name } = parameters;
      const renamed = rename.toLowerCase();
      if (renamed !== key && Object.hasOwn(aliases, renamed))
        throw invalidParameters({ name: `alias '${rename}' already exists` });
      Reflect.deleteProperty(aliases, key);
      // A new spelling of the same name is no other name, and is not kept.
      aliases[renamed] = aliasOf({ ...parameters, name: renamed === key ? name : rename });
      return null;
    },
    "DELETE /{name}": (parameters: Target & Named, context: Context) => {
      const { aliases } = level.write(parameters, context);
      checkDigest(aliases, parameters.digest);
      Reflect.deleteProperty(aliases, parameters.name.toLowerCase());
      return null;
    },
  };
}

function sortedNames(aliases: Aliases): string[] {
  return Object.keys(aliases).sort();
}

function requireAlias(aliases: Aliases, name: string): string {
  const key = name.toLowerCase();
  if (!Object.hasOwn(aliases, key)) throw invalidParameters({ name: "no such alias" });
  return key;
}

function aliasOf({ name, cidr, comment = "" }: Settings): Aliases[string] {
  const text = comment.trim();
  return { name, cidr: normalizeCidr(cidr, false), ...(text === "" ? {} : { comment: text }) };
}

function showAlias(aliases: Aliases, key: string) {
  const { name = key, cidr = "", comment } = aliases[key] ?? {};
  return { name, cidr, ipversion: versionOf(cidr), ...(comment === undefined ? {} : { comment }) };
}
