import { afterEach, beforeEach, expect, test } from "vitest";
import type { StepPlan } from "../../src/plan/steps.ts";
import { StepPlace } from "./step-place.ts";

// What observe-steps.sh says of a step that was applied, whose description may have been edited since, and which somebody may
// have changed behind our backs: each edit with each change. The script runs for real, in this machine's own shell.
let place: StepPlace;

beforeEach(() => {
  place = new StepPlace();
});

afterEach(() => {
  place.remove();
});

/** A service that says which revision of its routes it has read. */
const routes = (revision: string, more: Partial<StepPlan> = {}): StepPlan => ({
  name: "routes",
  files: [{ path: "/etc/routes.yml", mode: "0640", owner: "root:root", text: [`revision: ${revision}\n`] }],
  activate: "cp ROOT/etc/routes.yml ROOT/loaded",
  verify: `grep -qsx 'revision: ${revision}' ROOT/loaded || { echo 'revision ${revision} is not loaded' >&2; exit 1; }`,
  ...more,
});

const applied = routes("1");
const edits: readonly (readonly [edit: string, step: StepPlan, pending: string | undefined])[] = [
  ["no edit", applied, undefined],
  ["an edit of a file and of what verifies it", routes("2"), "revision 2 is not loaded"],
  ["an edit of a file alone", { ...routes("2"), verify: applied.verify ?? "" }, undefined],
  ["an edit of what activates it", { ...applied, activate: "cp ROOT/etc/routes.yml ROOT/loaded; true" }, undefined],
  ["an edit whose verification says nothing", { ...applied, verify: "false" }, undefined],
  ["an edit after which nothing is verified", { ...applied, verify: "" }, undefined],
];
const changes: readonly (readonly [change: string, make: (at: StepPlace) => void, is: string | undefined])[] = [
  ["nobody", () => undefined, undefined],
  [
    "somebody who edited a file",
    (at) => {
      at.write("/etc/routes.yml", "mine\n");
    },
    "/etc/routes.yml",
  ],
  [
    "somebody who edited what it brought about",
    (at) => {
      at.write("/loaded", "mine\n");
    },
    "revision 1 is not loaded",
  ],
];

test.each(edits.flatMap((edit) => changes.map((change) => [edit[0], change[0], edit, change] as const)))(
  "%s, and a change by %s",
  (_edit, _change, [, step, pending], [, make, is]) => {
    expect(place.apply(applied, 3).code).toBe(0);
    make(place);
    const state = is !== undefined ? `changed ${is}` : pending !== undefined ? `edited ${pending}` : "intact";
    // With the digest of what was applied, whatever is asked for.
    const [, digest] = /^routes 3 ([0-9a-f]{16}) /.exec(place.observe(applied)[0] ?? "") ?? [];
    expect(place.observe(step)).toEqual([`routes 3 ${digest ?? ""} ${state}`]);
  },
);

test("a step that was applied without a verification is verified once it has one", () => {
  const { verify: _, ...bare } = applied;
  place.apply(bare, 1);
  place.delete("/loaded");
  expect(place.observe(bare)).toEqual([expect.stringMatching(/ intact$/)]);
  expect(place.observe(applied)).toEqual([expect.stringMatching(/ edited revision 1 is not loaded$/)]);
});
