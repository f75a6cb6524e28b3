import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Deployment } from "../adopt/engine-files.ts";
import { isStep, nameOf } from "../adopt/sort-resources.ts";
import type { PlacedStepsPlan } from "../plan/steps.ts";
import type { Observation, Observations } from "./observe-steps.ts";

/** How often each step was applied, by its name, as the state has it. */
export type AppliedSteps = ReadonlyMap<string, number>;

/** What the state of a stack knows of steps. */
export interface AppliedReading {
  readonly steps: AppliedSteps;
  /** Why nobody could read it. */
  readonly unread?: string;
}

/** Reads of a stack's state which steps were applied. */
export function readAppliedSteps({ deployment }: Deployment): AppliedSteps {
  const steps = deployment.resources.filter(({ urn }) => isStep(urn));
  return new Map(
    steps.map(({ urn, inputs: { triggers } }) => {
      const texts: readonly unknown[] = Array.isArray(triggers) ? triggers : [];
      const revisions = texts.flatMap((text) => /^revision (\d+)$/.exec(String(text))?.[1] ?? []);
      return [nameOf(urn), Number(revisions[0] ?? 1)] as const;
    }),
  );
}

/**
 * Asks the engine which steps the state knows of, if there is one that nobody has found: a program cannot see its own state,
 * and a guest that came back empty does not know that anything was ever applied. Never fails.
 * @param stack as `--stack` takes it
 */
export async function askAppliedSteps(
  stack: string,
  placed: readonly PlacedStepsPlan[],
  observed: Observations,
): Promise<AppliedReading> {
  if (!placed.some((place) => lacksSteps(place, observed.get(place.name)))) return { steps: new Map() };
  const args = ["stack", "export", "--non-interactive", "--color", "never", "--stack", stack];
  try {
    const { stdout } = await promisify(execFile)("pulumi", args, { env: ownTelemetry(), maxBuffer: 1024 ** 3 });
    return { steps: readAppliedSteps(Deployment.parse(JSON.parse(stdout))) };
  } catch (error) {
    return { steps: new Map(), unread: error instanceof Error ? error.message.trim() : String(error) };
  }
}

/**
 * Without the addresses at which the running engine takes its plugins' telemetry: another engine would send its own there, and
 * asks the network's DNS for a load balancer of `localhost` first.
 */
function ownTelemetry(): NodeJS.ProcessEnv {
  const {
    PULUMI_LOG_OTLP_ENDPOINT: _logs,
    PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT: _traces,
    TRACEPARENT: _parent,
    ...environment
  } = process.env;
  return environment;
}

function lacksSteps({ steps }: PlacedStepsPlan, observation: Observation | undefined): boolean {
  return observation?.kind === "seen" && steps.some(({ name }) => !observation.steps.has(name));
}
