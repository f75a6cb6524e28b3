import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import type { Drift, Unchecked } from "../../src/drift/drift.ts";
import { registerShippedHomelab } from "../components/registrations.ts";
import { judge } from "./drift-mutations/judge.ts";
import type { Mutation } from "./drift-mutations/mutation.ts";
import { others } from "./drift-mutations/others.ts";
import { findResourceMutations, type ResourceMutations } from "./drift-mutations/resources.ts";
import { planRounds } from "./drift-mutations/rounds.ts";
import { findStepMutations } from "./drift-mutations/steps.ts";
import { ProjectCopy } from "./project.ts";
import { runScript } from "./run-script.ts";
import "./skip-checkpoints.ts";

/**
 * Each property of each kind of resource at one of them, as far as that fits into two rounds; DRIFT_EVERY=1 takes all of
 * them at all resources, which lasts about ten minutes, and DRIFT_ONLY those of them whose labels have these words.
 */
const only = process.env["DRIFT_ONLY"];
const all = process.env["DRIFT_EVERY"] === "1" || only !== undefined;
const sampledRounds = 2;

let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;
let resources: ResourceMutations;
let rounds: Mutation[][];

beforeAll(async () => {
  const { registrations, plan } = await registerShippedHomelab();
  resources = findResourceMutations(registrations);
  rounds = roundsOf(findStepMutations(plan.steps));
  project = new ProjectCopy();
  simulator = await startSimulator();
  stack = await createDemoStack(project.folder, simulator);
  await stack.up();
});

afterAll(async () => {
  await simulator.close();
  project.remove();
});

test("all that the program sets can be changed behind its back here, or is nowhere on the server", () => {
  expect(resources.unknown).toEqual([]);
  const nowhere = [...resources.mutations].filter(([, ways]) => ways.length === 0).map(([property]) => property);
  expect(nowhere).toEqual([]);
});

test("what somebody changes is found, each of it and nothing else", { timeout: 3_600_000 }, async () => {
  const built = simulator.state;
  const missed: string[] = [];
  const wrong: string[] = [];
  for (const round of rounds) {
    simulator.change((cluster) => {
      for (const { change } of round) change(cluster);
    });
    const verdict = judge(round, await drift());
    simulator.reset(built);
    missed.push(...verdict.missed);
    wrong.push(...verdict.wrong);
  }
  const tried = rounds.flat();
  const unseen = tried.filter((mutation) => mutation.unseen !== undefined).length;
  process.stdout.write(
    `drift: ${tried.length} mutations tried in ${rounds.length} rounds: ${tried.length - unseen - missed.length} found, ` +
      `${missed.length} missed, ${wrong.length} false, ${unseen} that nobody can see.\n`,
  );
  expect({ missed, wrong }).toEqual({ missed: [], wrong: [] });
});

test("what up has healed is drift no more", async () => {
  simulator.change((cluster) => {
    for (const { change } of rounds[0]?.filter(isHealed) ?? []) change(cluster);
  });
  await stack.up({ refresh: true });
  expect((await drift()).drift).toEqual([]);
});

function roundsOf(steps: readonly Mutation[]): Mutation[][] {
  const properties = [...resources.mutations.values()];
  const chosen = [...properties.flat(), ...steps, ...others].filter(({ label }) => label.includes(only ?? ""));
  if (all) return planRounds(chosen);
  // Of each property another resource in its turn, so that few of them are at one.
  const sample = properties.flatMap((ways, index) => ways[index % ways.length] ?? []);
  return planRounds([...sample.filter(({ alone }) => alone !== true), ...others, ...steps]).slice(0, sampledRounds);
}

const healed = /^(?:backup job|storage|cluster firewall|guest firewall|firewall rules|metric server|steps) /;

/** What up changes in place; guests would be started again for it, or made anew, and whom a job leaves out up never sees. */
function isHealed({ label, subject, expected }: Mutation): boolean {
  return healed.test(subject) && !label.endsWith(": excludes") && expected.every(({ kind }) => kind === "changed");
}

interface Found {
  readonly drift: readonly Drift[];
  readonly unchecked: readonly (Unchecked & { readonly subject: string })[];
}

async function drift(): Promise<Found> {
  const env = { ...process.env, HOME: project.folder, SSH_AUTH_SOCK: "" };
  const { output, messages } = await runScript(project.folder, ["scripts/drift.ts", "--stack", "demo", "--json"], env);
  if (output === "") throw new Error(messages);
  return JSON.parse(output) as Found;
}
