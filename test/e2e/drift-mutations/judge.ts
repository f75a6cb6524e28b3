import { isDeepStrictEqual } from "node:util";
import type { Drift } from "../../../src/drift/drift.ts";
import type { Expected, Mutation } from "./mutation.ts";

/** What came of a look after a round of mutations. */
export interface Verdict {
  /** Labels of mutations of which not all was told. */
  readonly missed: readonly string[];
  /** What was told of no mutation. */
  readonly wrong: readonly string[];
}

/** Holds what was told against what somebody changed: all of that, to the letter, and nothing else. */
export function judge(
  round: readonly Mutation[],
  found: { readonly drift: readonly Drift[]; readonly unchecked: readonly { subject: string; reason: string }[] },
): Verdict {
  const left = [...found.drift];
  const missed = round.filter(({ expected }) => {
    const found = expected.map((one) => takeOut(left, one));
    return !found.every((one) => one);
  });
  const explained = new Set(round.flatMap(({ unchecked = [] }) => unchecked));
  const unchecked = found.unchecked.filter(({ subject }) => !explained.has(subject));
  return {
    missed: missed.map(({ label, expected }) => `${label} ${JSON.stringify(expected, regExpsToo)}`),
    wrong: [
      ...left.map(({ what, was, is }) => `${what} ${JSON.stringify([was, is])}`),
      ...unchecked.map(({ subject, reason }) => `not checked: ${subject}, for ${reason}`),
    ],
  };
}

function takeOut(left: Drift[], expected: Expected): boolean {
  const index = left.findIndex(
    ({ kind, what, was, is }) =>
      kind === expected.kind && what === expected.what && agrees(was, expected.was) && agrees(is, expected.is),
  );
  if (index >= 0) left.splice(index, 1);
  return index >= 0;
}

function agrees(value: unknown, expected: unknown): boolean {
  if (expected instanceof RegExp) return typeof value === "string" && expected.test(value);
  return isDeepStrictEqual(value, expected);
}

function regExpsToo(_: string, value: unknown): unknown {
  return value instanceof RegExp ? String(value) : value;
}
