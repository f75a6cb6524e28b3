import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The end-to-end files that take longest, longest first: one that starts last would leave the other worker without work. */
const longest = ["services", "drift", "pipeline", "faults/faults", "homelab", "adopt", "drift-policy", "killed-run"];

/** Starts the longest test files first; vitest itself knows durations only after a first run. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = longest.findIndex((name) => moduleId.endsWith(`/test/e2e/${name}.test.ts`));
  return place < 0 ? longest.length : place;
}
