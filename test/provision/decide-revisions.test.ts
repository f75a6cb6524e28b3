import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DriftPolicy } from "../../src/inventory/on-drift.ts";
import type { PlacedStepsPlan, StepPlan } from "../../src/plan/steps.ts";
import { decideRevisions, type StepHistory } from "../../src/provision/decide-revisions.ts";
import type { Observation, StepObservation } from "../../src/provision/observe-steps.ts";
import { digestOf } from "../../src/provision/render-step.ts";

const step: StepPlan = { name: "grafana-packages", files: [] };
const placed: PlacedStepsPlan = {
  name: "grafana",
  place: { kind: "container", node: "pve-01", vmid: 20010 },
  steps: [step],
  onDrift: "report",
};
const count = fc.integer({ min: 1, max: 1000 });

const history = (applied: number | undefined, ...replaced: string[]): StepHistory => ({
  applied: new Map(applied === undefined ? [] : [[step.name, applied]]),
  replaced: new Set(replaced),
});

/** How the step goes on. */
function decide(found: StepObservation | undefined, applied: number | undefined, onDrift: DriftPolicy = "report") {
  const { steps, warnings, notes } = decideRevisions(
    { ...placed, onDrift },
    { kind: "seen", steps: new Map(found === undefined ? [] : [[step.name, found]]) },
    history(applied),
  );
  return { ...steps.get(step.name), warnings, ...(notes.length === 0 ? {} : { notes }) };
}

describe("a step", () => {
  test("is applied for the first time, where neither guest nor state knows of it", () => {
    expect(decide(undefined, undefined)).toEqual({ revision: 1, unseen: false, warnings: [] });
  });

  test("is left alone where it is as it was applied, whatever the state says", () => {
    fc.assert(
      fc.property(count, count, (revision, applied) => {
        const found = { revision, digest: digestOf(step), changed: undefined };
        expect(decide(found, applied)).toEqual({ revision, unseen: false, warnings: [] });
      }),
    );
  });

  test("is applied once more where its description or what it has brought about has changed", () => {
    fc.assert(
      fc.property(count, count, fc.boolean(), (revision, applied, isOther) => {
        const digest = isOther ? "0123456789abcdef" : digestOf(step);
        const found = { revision, digest, changed: isOther ? undefined : "/etc/hosts" };
        expect(decide(found, applied)).toMatchObject({ revision: revision + 1, unseen: false });
      }),
    );
  });

  test("is applied again where the state knows of it and the guest does not, as in one that came back empty", () => {
    fc.assert(
      fc.property(count, (applied) => {
        // The engine acts where this differs from what the state has.
        expect(decide(undefined, applied)).toEqual({
          revision: applied + 1,
          unseen: false,
          warnings: ["What was set up in grafana is not there any more, and will be applied again: grafana-packages."],
        });
      }),
    );
  });

  test("stays as somebody has changed it where that is accepted, with a note", () => {
    fc.assert(
      fc.property(count, count, (revision, applied) => {
        const found = { revision, digest: digestOf(step), changed: "/etc/hosts" };
        expect(decide(found, applied, "accept")).toEqual({
          ...{ revision, unseen: false, warnings: [] },
          notes: [
            "grafana-packages in grafana is no longer as it was applied, and is left so (onDrift: accept): /etc/hosts",
          ],
        });
      }),
    );
  });

  test("is applied once more where its description has changed, whatever is accepted", () => {
    const found = { revision: 3, digest: "0123456789abcdef", changed: "/etc/hosts" };
    expect(decide(found, 3, "accept")).toEqual(decide(found, 3));
    expect(decide(found, 3, "accept")).toMatchObject({ revision: 4, warnings: [expect.stringContaining("again")] });
  });

  test("is applied again in a guest that came back empty, whatever is accepted", () => {
    expect(decide(undefined, 3, "accept")).toEqual(decide(undefined, 3));
  });

  test("is left as it is where nobody can look", () => {
    const { steps, warnings } = decideRevisions(placed, { kind: "unseen", reason: "CT 20010 not running" }, history(3));
    expect(steps.get(step.name)).toMatchObject({ unseen: true });
    expect(warnings).toEqual([
      "What is set up in grafana is left as it is, for nobody could look there: CT 20010 not running.",
    ]);
  });

  test("is applied again without a warning in a guest that this run replaces, whatever is or was there", () => {
    const observations: Observation[] = [
      { kind: "seen", steps: new Map() },
      { kind: "seen", steps: new Map([[step.name, { revision: 9, digest: "", changed: "/etc/hosts" }]]) },
      { kind: "unseen", reason: "nothing was looked for there" },
    ];
    for (const observation of observations) {
      const { steps, ...told } = decideRevisions(placed, observation, history(3, "grafana"));
      expect(steps.get(step.name)).toEqual({ revision: 4, unseen: false });
      expect(told).toEqual({ warnings: [], notes: [] });
    }
  });
});

describe("what an edit of the inventory changes is a note, and what somebody has changed a warning", () => {
  const was = "0123456789abcdef";
  const edited = "grafana 13.2.4 is not installed.";
  const pending = `grafana-packages in grafana is changed to what the inventory says now. Until then: ${edited}`;
  const again = "grafana-packages in grafana is no longer as it was applied, and will be applied again: /etc/hosts";
  const left =
    "grafana-packages in grafana is no longer as it was applied, and is left so (onDrift: accept): /etc/hosts";
  const same = digestOf(step);

  test.each<[string, Omit<StepObservation, "revision">, DriftPolicy, number, string[], string[]]>([
    ["nothing", { digest: same, changed: undefined }, "report", 3, [], []],
    ["an edit", { digest: was, changed: undefined }, "report", 4, [], []],
    ["an edit that says what differs", { digest: was, changed: undefined, edited }, "report", 4, [], [pending]],
    ["an edit, where changes are accepted", { digest: was, changed: undefined, edited }, "accept", 4, [], [pending]],
    ["a change", { digest: same, changed: "/etc/hosts" }, "report", 4, [again], []],
    ["a change that is accepted", { digest: same, changed: "/etc/hosts" }, "accept", 3, [], [left]],
    ["both", { digest: was, changed: "/etc/hosts" }, "report", 4, [again], []],
    ["both, where changes are accepted", { digest: was, changed: "/etc/hosts" }, "accept", 4, [again], []],
  ])("%s", (_title, found, onDrift, revision, warnings, notes) => {
    const observation: Observation = { kind: "seen", steps: new Map([[step.name, { revision: 3, ...found }]]) };
    const decided = decideRevisions({ ...placed, onDrift }, observation, history(3));
    expect(decided).toEqual({ steps: new Map([[step.name, { revision, unseen: false }]]), warnings, notes });
  });
});
