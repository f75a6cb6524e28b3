import type { Preview } from "./engine-files.ts";
import type { ResourceFinder } from "./find-resource.ts";
import { type Found } from "./find-resource.ts";
import { adoptableKinds } from "./kinds.ts";
import type { Inputs } from "./lookup.ts";

/** A resource that the program would create, and what there is of it. */
export interface SortedResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** What tables call its kind. */
  readonly word: string;
  readonly inputs: Inputs;
  readonly found: Found | { readonly kind: "unsupported" };
}

/** Sorts what the program would create: what is there already, what is not, and what nobody knows how to adopt. */
export async function sortResources(
  { steps }: Pick<Preview, "steps">,
  finder: Pick<ResourceFinder, "find">,
): Promise<SortedResource[]> {
  const sorted = await Promise.all(
    steps
      .filter(({ op, urn }) => op === "create" && typeOf(urn).startsWith("proxmoxve:"))
      .map(async ({ urn, newState }): Promise<SortedResource> => {
        const type = typeOf(urn);
        const inputs = newState?.inputs ?? {};
        const kind = Object.hasOwn(adoptableKinds, type) ? adoptableKinds[type] : undefined;
        const word = kind?.word ?? type;
        const found = kind === undefined ? { kind: "unsupported" as const } : await finder.find(kind.lookup(inputs));
        return { urn, type, name: nameOf(urn), word, inputs, found };
      }),
  );
  return sorted.sort((a, b) => compare(a.word, b.word) || compare(a.name, b.name));
}

/** `proxmoxve:backup/job:Job` of a URN, which holds the types of the parents, too. */
export function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
}

/** Whether a URN is that of a step in a guest or on a node. */
export function isStep(urn: string): boolean {
  return typeOf(urn) === "command:remote:Command";
}

/** The logical name of a URN. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
