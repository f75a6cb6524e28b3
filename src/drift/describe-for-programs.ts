import { driftsOf, exitCodeOf, type Drift, type Look, type Unchecked } from "./drift.ts";

/** What programs are told of drift, as JSON. */
export interface DriftForPrograms {
  readonly stack: string;
  readonly exitCode: 0 | 1 | 7;
  /** How many things were looked at. */
  readonly looks: number;
  readonly drift: readonly Drift[];
  readonly unchecked: readonly (Pick<Look, "area" | "subject"> & Unchecked)[];
}

/** Tells programs what came of some looks. */
export function describeForPrograms(stack: string, looks: readonly Look[]): DriftForPrograms {
  return {
    stack,
    exitCode: exitCodeOf(looks),
    looks: looks.length,
    drift: driftsOf(looks),
    unchecked: looks.flatMap(({ area, subject, unchecked: why }) => (why ? [{ area, subject, ...why }] : [])),
  };
}
