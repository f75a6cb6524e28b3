import type { ImportEntry, ImportList } from "./engine-files.ts";
import type { Inputs } from "./lookup.ts";
import { typeOf } from "./sort-resources.ts";

/** By what one resource is imported. */
export interface ImportedResource {
  readonly id: string;
  /** Inputs and state, for those that the provider could not read completely. */
  readonly inputs?: Inputs;
  readonly outputs?: Inputs;
}

/** What is imported, and what has to be in the state before. */
export interface ImportPlan {
  /** URNs of the providers and of what they are in: `pulumi import` cannot make a provider below a component. */
  readonly prerequisites: readonly string[];
  readonly list: ImportList;
}

/**
 * Takes out of the engine's list of all that it would create what is to be imported, with the components around it.
 * @param prefix what all URNs of the stack begin with: `urn:pulumi:homelab::homelab`
 * @param imported by URN
 */
export function planImport(
  { nameTable, resources }: ImportList,
  prefix: string,
  imported: ReadonlyMap<string, ImportedResource>,
): ImportPlan {
  const entries = new Map(resources.map((entry) => [entry.name, entry]));
  const urnOf = (name: string): string => {
    const entry = entries.get(name);
    if (entry === undefined) return known(nameTable, name);
    const parent = entry.parent === undefined ? "" : `${qualifiedTypeOf(urnOf(entry.parent))}$`;
    return `${prefix}::${parent}${entry.type}::${entry.logicalName ?? entry.name}`;
  };
  const withAncestors = (name: string | undefined): string[] =>
    name === undefined ? [] : [...withAncestors(entries.get(name)?.parent), name];
  const own = resources.filter(({ name }) => imported.has(urnOf(name)));
  const early = new Set(own.flatMap(({ provider }) => withAncestors(provider)));
  const busy = new Set(resources.filter((entry) => isBelow(entry)).flatMap(({ parent }) => withAncestors(parent)));
  const needed = new Set(own.flatMap(({ parent }) => withAncestors(parent)));
  const components = resources.filter(
    ({ name, component }) => component === true && !early.has(name) && (needed.has(name) || !busy.has(name)),
  );
  const references = new Set([...own, ...components].flatMap(({ parent, provider }) => [parent, provider]));
  const listed = new Set([...own, ...components].map(({ name }) => name));
  const table = [...references].filter((name) => name !== undefined && !listed.has(name)) as string[];
  return {
    prerequisites: [...early].filter((name) => entries.has(name)).map(urnOf),
    list: {
      nameTable: Object.fromEntries(table.sort().map((name) => [name, urnOf(name)])),
      resources: [...components, ...own.map((entry) => ({ ...entry, ...imported.get(urnOf(entry.name)) }))],
    },
  };
}

/** Whether a component is no empty one because of this: a resource is below it that is no component. */
function isBelow({ component, type }: ImportEntry): boolean {
  return component !== true && !type.startsWith("pulumi:providers:");
}

function known(nameTable: Readonly<Record<string, string>>, name: string): string {
  const urn = Object.hasOwn(nameTable, name) ? nameTable[name] : undefined;
  if (urn === undefined) throw new Error(`The engine's import list refers to ${name}, which is not in it.`);
  return urn;
}

function qualifiedTypeOf(urn: string): string {
  const [, , types = typeOf(urn)] = urn.split("::");
  return types;
}
