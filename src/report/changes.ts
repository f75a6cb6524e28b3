import { findDifferences, type Difference } from "../adopt/differences.ts";
import type { Preview } from "../adopt/engine-files.ts";
import { adoptableKinds } from "../adopt/kinds.ts";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";

/** What a run does to a resource, in the engine's words. */
export const operations = ["create", "update", "replace", "delete"] as const;

/** One of the things that a run does to a resource. */
export type Operation = (typeof operations)[number];

/** What a run would do to one resource. */
export interface Change {
  readonly urn: string;
  readonly type: string;
  /** What tables call its kind. */
  readonly word: string;
  readonly name: string;
  readonly operation: Operation;
  /** What differs; empty where all of it comes or goes. */
  readonly properties: readonly Difference[];
}

const words: Readonly<Record<string, string>> = {
  "command:remote:Command": "step",
  "pulumi:pulumi:Stack": "stack",
  "pulumi:providers:proxmoxve": "provider",
};

/** Finds what a preview would change, in the order of operations, kinds and names. */
export function findChanges(preview: Pick<Preview, "steps">): Change[] {
  const differences = findDifferences(preview, new Set(preview.steps.map(({ urn }) => urn)));
  return preview.steps
    .flatMap(({ op, urn }) => {
      const operation = operations.find((known) => known === op);
      if (operation === undefined) return [];
      const type = typeOf(urn);
      const properties = differences.filter((difference) => difference.urn === urn && !isBookkeeping(type, difference));
      return [{ urn, type, word: wordFor(type), name: nameOf(urn), operation, properties }];
    })
    .sort(
      (a, b) =>
        operations.indexOf(a.operation) - operations.indexOf(b.operation) ||
        compare(a.word, b.word) ||
        compare(a.name, b.name),
    );
}

/** Whether what is in it is lost with it: a guest, or a pool. */
export function holdsData({ word }: Pick<Change, "word">): boolean {
  return ["container", "machine", "pool"].includes(word);
}

/** How often a step was applied is in its triggers and its clean-up, too: that says nothing of what changes. */
function isBookkeeping(type: string, { property, was, is }: Difference): boolean {
  if (type !== "command:remote:Command") return false;
  return property === "delete" || [was, is].every((value) => /^revision \d+$/.test(String(value)));
}

/** What tables call the kind of a resource of a type. */
export function wordFor(type: string): string {
  if (type.startsWith("homelab:")) return "component";
  return words[type] ?? adoptableKinds[type]?.word ?? type.split(":").at(-1) ?? type;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
