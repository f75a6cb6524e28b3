import { adoptableKinds } from "../../../src/adopt/kinds.ts";
import type { Registration } from "../../components/registrations.ts";
import { containers } from "./containers.ts";
import { firewalls } from "./firewalls.ts";
import { machines } from "./machines.ts";
import { everything, type Mutation, type Recipe, type Target } from "./mutation.ts";
import { sections } from "./sections.ts";
import { volumes } from "./volumes.ts";

const recipes: Readonly<Record<string, Readonly<Record<string, Recipe | readonly Recipe[]>>>> = {
  "proxmoxve:index/containerLegacy:ContainerLegacy": containers,
  "proxmoxve:index/vmLegacy:VmLegacy": machines,
  ...sections,
  ...firewalls,
  ...volumes,
};

/** What is known of changes to all that the program sets. */
export interface ResourceMutations {
  /** By kind and property, each at all resources that have it. */
  readonly mutations: ReadonlyMap<string, readonly Mutation[]>;
  /** What is nowhere on the server, and why. */
  readonly nowhere: ReadonlyMap<string, string>;
  /** What nobody has thought of. */
  readonly unknown: readonly string[];
}

/** Finds a mutation for each property that the program sets of each resource. */
export function findResourceMutations(registrations: readonly Registration[]): ResourceMutations {
  const mutations = new Map<string, Mutation[]>();
  const nowhere = new Map<string, string>();
  const unknown = new Set<string>();
  for (const { type, name, inputs } of registrations.filter((one) => one.type.startsWith("proxmoxve:"))) {
    const word = adoptableKinds[type]?.word ?? type;
    for (const [path, value] of leavesOf(inputs)) {
      const property = path.replaceAll(/\[\d+\]/g, "[]");
      const key = `${word}: ${property}`;
      const ways = [recipes[type]?.[property] ?? []].flat();
      const index = Number(/\[(\d+)\][^[]*$/.exec(path)?.[1] ?? 0);
      const target: Target = { subject: `${word} ${name}`, name, inputs, path, index, value };
      if (ways.length === 0) unknown.add(key);
      for (const recipe of ways) {
        if ("nowhere" in recipe) nowhere.set(key, recipe.nowhere);
        else if (recipe.fits?.(target) !== false) {
          mutations.set(key, [...(mutations.get(key) ?? []), mutationOf(recipe, target)]);
        } else mutations.set(key, mutations.get(key) ?? []);
      }
    }
  }
  return { mutations, nowhere, unknown: [...unknown] };
}

function mutationOf(recipe: Exclude<Recipe, { nowhere: string }>, target: Target): Mutation {
  const { subject, path } = target;
  const { unseen, unchecked, alone, how, whole } = recipe;
  return {
    label: [subject, path, ...(how === undefined ? [] : [how])].join(": "),
    subject,
    claim: whole === true ? everything : (/^[^.]+/.exec(path)?.[0] ?? path),
    change: (cluster) => {
      recipe.change(cluster, target);
    },
    expected: recipe.expected(target),
    ...(unseen === undefined ? {} : { unseen }),
    ...(unchecked === undefined ? {} : { unchecked: unchecked(target) }),
    ...(alone === undefined ? {} : { alone }),
  };
}

/** All values with their paths; a list of words is one value, and so is one that is empty. */
function leavesOf(value: unknown, path = ""): [path: string, value: unknown][] {
  if (Array.isArray(value)) {
    if (value.length === 0 || typeof value[0] !== "object") return [[path, value]];
    return value.flatMap((item, index) => leavesOf(item, `${path}[${index}]`));
  }
  if (typeof value !== "object" || value === null || isOpaque(value)) return [[path, value]];
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .flatMap(([key, inner]) => leavesOf(inner, path === "" ? key : `${path}.${key}`));
}

/** A secret, which mocks show with its mark. */
function isOpaque(value: object): boolean {
  return Object.hasOwn(value, "4dabf18193072939515e22adb298388d");
}
