import { resolve } from "node:path";
import { Preview, type PreviewStep } from "../src/adopt/engine-files.ts";
import { nameOf } from "../src/adopt/sort-resources.ts";
import { removeVariable } from "../src/edits/variables.ts";
import { doneFirst, type NodeWork } from "../src/edits/edit.ts";
import { InventoryError } from "../src/inventory/inventory-error.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { planHomelab } from "../src/plan/plan.ts";
import { findChanges } from "../src/report/changes.ts";
import { findRestarts } from "../src/report/downtime.ts";
import type { PreviewReport } from "../src/report/render-preview.ts";
import { AdoptingStack } from "./adopting-stack.ts";
import { findPending } from "./do-on-nodes.ts";
import { runPulumi } from "./pulumi-command.ts";
import type { Removal } from "./remove-guests.ts";

/** A preview as the engine tells it, and what is told of it to people. */
export interface ReportedPreview {
  readonly preview: Preview;
  readonly report: PreviewReport;
  /** The URNs of what an earlier run could not update: the state says that it did. */
  readonly doubtful: readonly string[];
}

/**
 * Lets the program tell what it would do with a stack, and gathers what there is to know of it.
 * @param options.planFile where the engine leaves what an up is then held to
 * @param options.removal the guests that are deleted: they are reported, and the preview is of all else
 */
export async function previewForReport(
  project: string,
  stack: string,
  { planFile, removal }: { readonly planFile?: string | undefined; readonly removal: Removal },
): Promise<ReportedPreview> {
  const saved = planFile === undefined ? [] : ["--save-plan", resolve(planFile)];
  // The engine refuses to preview that something protected is deleted; the protection is lifted after approval.
  const excluded = removal.urns.flatMap((urn) => ["--exclude", urn]);
  const { code, output, messages } = await runPulumi(project, stack, ["preview", "--json", ...saved, ...excluded], "", {
    folder: project,
    environment: { [removeVariable]: removal.guests.map(({ name }) => name).join(",") },
  });
  const preview = parsePreview(output);
  const tell = (severity: string) =>
    unique((preview?.diagnostics ?? []).filter((one) => one.severity === severity).map(({ message = "" }) => message));
  const errors = tell("error");
  const doubtful = (preview?.steps ?? []).filter(({ oldState }) => hasFailed(oldState)).map(({ urn }) => urn);
  const changes = findChanges(preview ?? { steps: [] });
  const works = tell("warning").some((text) => text.includes(doneFirst))
    ? await findWorks(project, stack, removal)
    : [];
  return {
    doubtful,
    preview: preview ?? { steps: [], diagnostics: [] },
    report: {
      stack,
      changes,
      restarts: findRestarts(changes),
      losses: removal.losses,
      works,
      waivers: readWaivers(project),
      warnings: [...doubtful.map(describeDoubt), ...tell("warning")],
      errors: code === 0 ? [] : errors.length > 0 ? errors : [(messages || output).trim()],
    },
  };
}

async function findWorks(project: string, stack: string, { guests }: Removal): Promise<readonly NodeWork[]> {
  const own = new AdoptingStack((args, input) => runPulumi(project, stack, args, input));
  return (
    (
      await findPending(
        project,
        own,
        guests.map(({ name }) => name),
      )
    )?.works ?? []
  );
}

function hasFailed(state: PreviewStep["oldState"]): boolean {
  const errors = state?.["initErrors"];
  return Array.isArray(errors) && errors.length > 0;
}

function describeDoubt(urn: string): string {
  return `The last update of ${nameOf(urn)} failed, and the state says that it was done: what is told of it here may be wrong until npm run pulumi -- refresh has corrected it.`;
}

/** An inventory with mistakes has no waivers to tell of; the preview says what is wrong with it. */
function readWaivers(project: string): readonly string[] {
  try {
    return planHomelab(loadInventory(project)).waivers;
  } catch (error) {
    if (error instanceof InventoryError) return [];
    throw error;
  }
}

function unique(messages: readonly string[]): string[] {
  return [...new Set(messages.map((message) => message.replace(/^(?:warning|error): /, "").trim()))].filter(
    (message) => message !== "",
  );
}

function parsePreview(output: string): Preview | undefined {
  try {
    return Preview.parse(JSON.parse(output));
  } catch {
    return undefined;
  }
}
