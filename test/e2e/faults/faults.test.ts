import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findPatterns, planCases, type FaultCase } from "./cases.ts";
import { FaultLab } from "./lab.ts";
import { readOutcomes, writeReport } from "./report.ts";
import { tryCase, type Outcome } from "./try-case.ts";

// FAULTS_EVERY=1 tries each fault at each request of a full up, which takes hours; 7 each seventh. FAULTS_LABS at once.
// FAULTS_GO_ON=1 takes what an earlier run that was ended has found, and tries the rest.
const every = process.env["FAULTS_EVERY"];
const only = process.env["FAULTS_ONLY"];
const goesOn = process.env["FAULTS_GO_ON"] !== undefined;
const isOrdinary = every === undefined && only === undefined;
const labCount = Number(process.env["FAULTS_LABS"] ?? "1");
const report = resolve(import.meta.dirname, "../../../.homelab/faults.md");

/** What stands for the rest in an ordinary run: one of each way to come through, or not to. */
const sample = [
  "GET /nodes/*/tasks/*/status: drop, once",
  "POST /nodes/*/lxc: never answered, once",
  "POST /nodes/*/qemu/*/status/start: task fails, each time",
  "POST /storage: drop after it was done, once",
  "PUT /nodes/*/qemu/*/resize: guest locked, each time",
  "GET /nodes/*/storage/*/content/**: 500, once",
];

let labs: FaultLab[];
let untroubled: string;
let cases: FaultCase[];

beforeAll(async () => {
  labs = await Promise.all(Array.from({ length: labCount }, () => FaultLab.open()));
  const [lab] = labs;
  if (lab === undefined) throw new Error("FAULTS_LABS has to be 1 at least.");
  // What set up the stack has its own requests.
  const before = lab.simulator.requests.length;
  const { code, output } = await lab.up();
  expect(output).toMatch(/\d+ created/);
  expect(code).toBe(0);
  untroubled = lab.fingerprint();
  cases = planCases(findPatterns(lab.simulator.requests.slice(before)));
});

afterAll(async () => {
  for (const lab of labs) await lab.close();
});

test("each request of an up is of a pattern that faults are tried at", () => {
  expect(new Set(cases.map(({ pattern }) => `${pattern.method} ${pattern.path}`)).size).toBeGreaterThanOrEqual(30);
  const titles = cases.map(({ title }) => title);
  expect(titles).toEqual(expect.arrayContaining(sample));
});

test(
  "whatever fails, up comes through, or says what, where, why, what is left, and what leads on",
  async () => {
    const chosen = isOrdinary
      ? cases.filter(({ title }) => sample.includes(title))
      : cases.filter(({ title }) => title.includes(only ?? "")).filter((_, index) => index % Number(every ?? 1) === 0);
    const outcomes: Outcome[] = goesOn ? readOutcomes(report) : [];
    const known = new Set(outcomes.map(({ title }) => title));
    const left = chosen.filter(({ title }) => !known.has(title));
    await Promise.all(
      labs.map(async (lab) => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          outcomes.push(await tryCase(lab, next, untroubled));
          writeReport(report, outcomes, chosen.length);
        }
      }),
    );
    expect(outcomes.filter(({ bad }) => bad.length > 0).map(({ title, bad, said }) => ({ title, bad, said }))).toEqual(
      [],
    );
  },
  isOrdinary ? 900_000 : 6 * 3_600_000,
);
