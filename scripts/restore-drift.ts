import { exitCodeOf } from "../src/drift/drift.ts";
import { restorableOf, type LookAt } from "../src/drift/fixable.ts";
import { isSameLook, tellRestored } from "../src/drift/tell-restored.ts";
import { restoreOnce, type RestoringPlace } from "./restore-once.ts";

/** A guest that was stopped tells only then what has changed in it. */
const mostRounds = 3;

/** What there is after what should be brought back was, and why not all of it could be. */
export interface Restored {
  readonly looks: readonly LookAt[];
  readonly error?: string;
}

/**
 * Brings back, without asking, what has `onDrift: restore`, as often as that uncovers more of it.
 * @param lookAgain looks at all of it once more
 */
export async function restoreDrift(
  place: RestoringPlace,
  looks: readonly LookAt[],
  lookAgain: () => Promise<readonly LookAt[]>,
): Promise<Restored> {
  const tried: LookAt[] = [];
  const refusals = new Map<LookAt, string>();
  let current = looks;
  const tell = (error?: string): Restored => ({
    looks: tellRestored(current, tried, refusals),
    ...(error === undefined ? {} : { error }),
  });
  for (let round = 1; round <= mostRounds; round++) {
    const refused = [...refusals.keys()];
    const wanted = restorableOf(current).filter((look) => !refused.some((other) => isSameLook(other, look)));
    if (wanted.length === 0) break;
    tried.push(...wanted);
    if (exitCodeOf(current) === 1) {
      for (const look of wanted) refusals.set(look, "What could not be looked at may have to be put right first.");
      break;
    }
    const { chosen, error, ...rest } = await restoreOnce(place, current, wanted);
    for (const [look, text] of rest.refusals) refusals.set(look, text);
    if (chosen.length > 0) current = await lookAgain();
    if (error === undefined) continue;
    for (const look of chosen) refusals.set(look, "The run that should bring it back has failed.");
    return tell(error);
  }
  return tell();
}
