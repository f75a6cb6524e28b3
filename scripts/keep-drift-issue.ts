import type { Look } from "../src/drift/drift.ts";
import { renderIssue } from "../src/drift/render-issue.ts";
import { ForgeError } from "../src/report/ask-forge.ts";
import { findIssues } from "../src/report/find-issues.ts";
import { keepIssue } from "../src/report/keep-issue.ts";
import { runUrl } from "../src/report/run-url.ts";

/**
 * Keeps the issue about a stack's drift in the project that a pipeline runs for, and says what came of it. Whatever stands in
 * the way is said, too, and hides no drift.
 */
export async function keepDriftIssue(
  stack: string,
  looks: readonly Look[],
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const wanted = renderIssue(stack, looks, runUrl(environment));
  if (wanted.kind === "unknown") return "The issue about drift stays as it is: nobody knows whether there is any.";
  const place = findIssues(environment);
  if ("reason" in place) return `The issue about drift is not kept: ${place.reason}.`;
  try {
    const { done, number } = await keepIssue(place, wanted);
    if (number === undefined) return `There is no drift, and no issue about it among ${place.name}.`;
    return `Issue #${number} among ${place.name} ${done === "as it was" ? "is as it was" : `was ${done}`}.`;
  } catch (error) {
    if (error instanceof ForgeError) return `The issue about drift is not kept. ${error.message}`;
    throw error;
  }
}
