import { invalidParameters } from "../api-error.ts";
import { facts } from "../api/facts.ts";
import type { Wire } from "../api/wire.ts";
import type { Context, Returns } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { checkDigest, digestOf, fromSection, toSection } from "../section-config.ts";
import type { Section } from "../state/cluster.ts";
import type { Level } from "./level.ts";

/** Where a firewall's options are. */
type OptionsPath = keyof Wire & `GET ${string}/firewall/options` extends `GET ${infer Path}` ? Path : never;

interface Change {
  readonly digest?: string;
  readonly delete?: string;
  readonly enable?: boolean | number;
}

/** The options of a firewall: what is not set is not shown. */
export function optionHandlers<Target extends object, Path extends OptionsPath>(
  path: Path,
  level: Level<Target, { options: Section }>,
) {
  const key = `PUT ${path}` as const;
  const names = Object.keys(facts[key].parameters).filter(
    (name) => !path.includes(`{${name}}`) && name !== "delete" && name !== "digest",
  );
  return {
    GET: (target: Target, context: Context) => {
      const { options } = level.read(target, context);
      const values = fromSection(options, key);
      if (level.environment === "cluster" && isOver(values["enable"], context)) values["enable"] = 0;
      return { ...values, digest: digestOf(options) } as unknown as Returns<`GET ${Path}`>;
    },
    PUT: (parameters: Target & Change, context: Context) => {
      const { options } = level.write(parameters, context);
      const { delete: remove, digest } = parameters;
      checkDigest(options, digest);
      for (const name of splitList(remove)) {
        if (!names.includes(name)) throw invalidParameters({ delete: `no such option '${name}'` });
        Reflect.deleteProperty(options, name);
      }
      const values = Object.entries(toSection(parameters as Readonly<Record<string, unknown>>)).filter(([name]) =>
        names.includes(name),
      );
      Object.assign(options, Object.fromEntries(values));
      if (level.environment === "cluster" && Number(parameters.enable) > 1)
        options["enable"] = String(context.world.seconds());
      return null;
    },
  };
}

/** The cluster's firewall can be switched on for a minute, lest one locks oneself out. */
function isOver(enable: string | number | undefined, { world }: Context): boolean {
  return Number(enable) > 1 && world.seconds() - Number(enable) > 60;
}
