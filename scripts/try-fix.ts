import type { Deployment } from "../src/adopt/engine-files.ts";
import { dependentsOf } from "../src/drift/dependents.ts";
import { findPending } from "../src/drift/find-pending.ts";
import { urnsOf, type LookAt } from "../src/drift/fixable.ts";
import { forgetMissing } from "../src/drift/forget-missing.ts";
import { findObstacles, type Obstacle } from "../src/drift/judge-fix.ts";
import { findChanges, type Change } from "../src/report/changes.ts";
import type { AdoptingStack } from "./adopting-stack.ts";

/** What bringing something back would do. */
export interface TriedFix {
  readonly changes: readonly Change[];
  readonly obstacles: readonly Obstacle[];
  /** The URNs of what has to be changed, and of what has to be read again for it. */
  readonly targets: readonly string[];
}

/** A copy of a stack, in which it is tried again and again how something is brought back. */
export class FixingTrial {
  readonly state: Deployment;
  readonly #trial: AdoptingStack;
  readonly #drifted: readonly LookAt[];
  readonly #pending: ReadonlySet<string>;

  private constructor(
    trial: AdoptingStack,
    state: Deployment,
    drifted: readonly LookAt[],
    pending: ReadonlySet<string>,
  ) {
    this.#trial = trial;
    this.state = state;
    this.#drifted = drifted;
    this.#pending = pending;
  }

  /** Finds out first what a run would do without any drift. */
  static async begin(trial: AdoptingStack, looks: readonly LookAt[]): Promise<FixingTrial> {
    const state = await trial.exportState();
    const drifted = looks.filter(({ drifts }) => drifts.length > 0);
    const pending = findPending(findChanges(await trial.preview()), state, urnsOf(drifted, state));
    return new FixingTrial(trial, state, drifted, pending);
  }

  /** Tries to bring back some of what has drifted; the rest is left alone. */
  async try(chosen: readonly LookAt[]): Promise<TriedFix> {
    const urns = urnsOf(chosen, this.state);
    const others = urnsOf(
      this.#drifted.filter((look) => !chosen.includes(look)),
      this.state,
    );
    const dependents = dependentsOf(urns, this.state, new Set([...others, ...this.#pending]));
    const explained = new Set([...urns, ...dependents]);
    await readAgain(this.#trial, chosen, [...explained]);
    const changes = findChanges(await this.#trial.preview(targetOptions([...explained])));
    const obstacles = findObstacles(changes, { explained, pending: this.#pending });
    await this.#trial.writeState(this.state);
    return { changes, obstacles, targets: [...new Set([...urns, ...changes.map(({ urn }) => urn)])] };
  }
}

/**
 * Lets a stack know what there is of some resources, and forget what is missing: an up that reads by itself takes no target
 * that the state does not know.
 */
export async function readAgain(
  stack: AdoptingStack,
  chosen: readonly LookAt[],
  targets: readonly string[],
): Promise<void> {
  const before = await stack.exportState();
  const state = forgetMissing(before, chosen);
  const known = new Set(state.deployment.resources.map(({ urn }) => urn));
  if (known.size < before.deployment.resources.length) await stack.writeState(state);
  const there = targets.filter((urn) => known.has(urn));
  if (there.length > 0) await stack.refresh(there);
}

/** Limits a run of the engine. */
export function targetOptions(urns: readonly string[]): string[] {
  return urns.flatMap((urn) => ["--target", urn]);
}
