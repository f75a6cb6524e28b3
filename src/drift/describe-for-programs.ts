import type { DriftPolicy } from "../inventory/on-drift.ts";
import { acceptedOf, exitCodeOf, restoredOf, type Drift, type Look, type Unchecked } from "./drift.ts";

/** What programs are told of drift, as JSON. */
export interface DriftForPrograms {
  readonly stack: string;
  readonly exitCode: 0 | 1 | 7;
  /** How many things were looked at. */
  readonly looks: number;
  /** What the exit code counts. */
  readonly drift: readonly (Drift & { readonly policy: DriftPolicy })[];
  /** What has changed as well, and is left. */
  readonly accepted: readonly Drift[];
  /** What was brought back, and is no drift any more. */
  readonly restored: readonly Drift[];
  readonly unchecked: readonly (Pick<Look, "area" | "subject"> & Unchecked)[];
}

/** Tells programs what came of some looks. */
export function describeForPrograms(stack: string, looks: readonly Look[]): DriftForPrograms {
  return {
    stack,
    exitCode: exitCodeOf(looks),
    looks: looks.length,
    drift: looks.flatMap(({ drifts, policy = "report" }) =>
      policy === "accept" ? [] : drifts.map((drift) => ({ ...drift, policy })),
    ),
    accepted: acceptedOf(looks),
    restored: restoredOf(looks),
    unchecked: looks.flatMap(({ area, subject, unchecked: why }) => (why ? [{ area, subject, ...why }] : [])),
  };
}
