import pMap from "p-map";
import type { Place, PlacedStepsPlan, StepPlan } from "../plan/steps.ts";
import type { CommandResult, NodeSession } from "./node-session.ts";
import { onNode, type Access } from "./on-node.ts";
import { renderObserve } from "./render-commands.ts";
import { digestOf } from "./render-step.ts";

/** What is left of a step where it was applied. */
export interface StepObservation {
  readonly revision: number;
  readonly digest: string;
  /** What is no longer as it was applied: `/etc/prometheus/prometheus.yml`. */
  readonly changed: string | undefined;
  /** What the step's new description asks for and is not there yet, in its own words. */
  readonly edited?: string;
}

/** What was found in one place, by the step's name; or why nobody could look there. */
export type Observation =
  | { readonly kind: "seen"; readonly steps: ReadonlyMap<string, StepObservation> }
  | { readonly kind: "unseen"; readonly reason: string };

/** What was found, by the name of the guest or node. */
export type Observations = ReadonlyMap<string, Observation>;

/** Looks in every place whether its steps are still as they were applied; changes nothing, and never fails. */
export async function observeSteps(placed: readonly PlacedStepsPlan[], access: Access): Promise<Observations> {
  const nodes = [...new Set(placed.map(({ place }) => place.node))];
  const observed = await Promise.all(
    nodes.map((node) =>
      observeNode(
        placed.filter(({ place }) => place.node === node),
        node,
        access,
      ),
    ),
  );
  return new Map(observed.flat());
}

/** What was found in one place; where nothing was looked for, nothing is known. */
export function observationOf(observations: Observations, name: string): Observation {
  return observations.get(name) ?? { kind: "unseen", reason: "nothing was looked for there" };
}

/** How many guests of a node are checked at the same time; sshd allows ten commands in one connection (MaxSessions). */
const placesAtOnce = 6;

type Named = readonly [string, Observation];

async function observeNode(placed: readonly PlacedStepsPlan[], node: string, access: Access): Promise<Named[]> {
  const observed = await onNode(node, access, (session) =>
    pMap(placed, async ({ name, place, steps }): Promise<Named> => [name, await observePlace(session, place, steps)], {
      concurrency: placesAtOnce,
    }),
  );
  if (observed.kind === "done") return observed.value;
  return placed.map(({ name }): Named => [name, { kind: "unseen", reason: observed.reason }]);
}

async function observePlace(session: NodeSession, place: Place, steps: readonly StepPlan[]): Promise<Observation> {
  return readObservation(place, await session.run(renderObserve(place), renderQuestions(steps)));
}

/** Renders what observe-steps.sh is asked. */
export function renderQuestions(steps: readonly StepPlan[]): string {
  const questions = steps.map((step) => {
    const { name, verify = "" } = step;
    const script = verify === "" || verify.endsWith("\n") ? verify : `${verify}\n`;
    return `step ${name} ${digestOf(step)} ${script.split("\n").length - 1}\n${script}`;
  });
  return `${questions.join("")}end\n`;
}

function readObservation(place: Place, result: CommandResult): Observation {
  const { code, stdout, stderr } = place.kind === "machine" ? readAgentAnswer(result) : result;
  if (code === 0) return { kind: "seen", steps: readSteps(stdout) };
  // A guest that is not there yet has no steps.
  if (stderr.includes("does not exist")) return { kind: "seen", steps: new Map() };
  return { kind: "unseen", reason: stderr.trim() === "" ? `exit code ${code}` : stderr.trim() };
}

/** `qm guest exec` tells in JSON what the command left behind. */
function readAgentAnswer(result: CommandResult): CommandResult {
  if (result.code !== 0 || result.stdout.trim() === "") return result;
  const answer = JSON.parse(result.stdout) as { exitcode?: number; "out-data"?: string; "err-data"?: string };
  return { code: answer.exitcode ?? 255, stdout: answer["out-data"] ?? "", stderr: answer["err-data"] ?? "" };
}

function readSteps(text: string): Map<string, StepObservation> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [name = "", revision = "0", digest = "", state = "", ...words] = line.split(" ");
      const what = words.join(" ").trim();
      const changed = state === "changed" ? what : undefined;
      return [
        name,
        { revision: Number(revision), digest, changed, ...(state === "edited" ? { edited: what } : {}) },
      ] as const;
    }),
  );
}
