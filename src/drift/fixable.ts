import type { Deployment } from "../adopt/engine-files.ts";
import { isStep, nameOf } from "../adopt/sort-resources.ts";
import type { Look } from "./drift.ts";

/** A look, with its resource where it was at one. */
export type LookAt = Look & { readonly urn?: string };

/** Where a run would bring something back: disks that die and what nobody knows of are no matter of the program, nor is what is accepted. */
export function fixableOf<T extends LookAt>(looks: readonly T[]): T[] {
  return looks.filter(
    ({ area, drifts, policy }) =>
      ["resources", "guests and nodes"].includes(area) && drifts.length > 0 && policy !== "accept",
  );
}

/** What is to be brought back without asking. */
export function restorableOf<T extends LookAt>(looks: readonly T[]): T[] {
  return fixableOf(looks).filter(({ policy }) => policy === "restore");
}

/** Whether something is not there any more. */
export function isMissing({ drifts }: Look): boolean {
  return drifts.some(({ kind }) => kind === "missing");
}

/** The URNs of what was looked at; steps are known by their names. */
export function urnsOf(looks: readonly LookAt[], { deployment }: Deployment): Set<string> {
  const steps = deployment.resources.filter(
    ({ urn }) => isStep(urn) && looks.some(({ subject }) => subject.startsWith(`step ${nameOf(urn)} in `)),
  );
  return new Set([...looks.flatMap(({ urn }) => urn ?? []), ...steps.map(({ urn }) => urn)]);
}
