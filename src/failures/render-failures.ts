import type { Failure } from "./failed-run.ts";
import type { HalfMade } from "./half-made.ts";
import { hintFor } from "./hint.ts";
import { namePlace, placeOf } from "./place-of.ts";
import type { FailedTask, TaskReport } from "./read-tasks.ts";

/** All that is known of a run that stopped. */
export interface StoppedRun {
  readonly stack: string;
  readonly failures: readonly Failure[];
  readonly halfMade: readonly HalfMade[];
  readonly tasks: TaskReport;
  /** Why nobody could look at the server; undefined where somebody could. */
  readonly unread: string | undefined;
  /** URNs of what an update has failed on, and whose state could not be corrected. */
  readonly doubtful: readonly string[];
  /** Lines on what the engine was cut off from. */
  readonly pending: readonly string[];
  /** The command that goes on where the run stopped; undefined where a pipeline ran it, which is to be run again. */
  readonly again: string | undefined;
}

/** Tells what could not be done, where, why, what is there of it, and what to do; lines that begin with two spaces are commands. */
export function renderFailures(run: StoppedRun): string {
  const { failures, halfMade, tasks, unread, pending } = run;
  const others = tasks.tasks.filter((task) => !failures.some((failure) => isOf(task, failure)));
  return [
    `What could not be done, and what is there of it`,
    ...failures.map((failure, index) => {
      const own = tasks.tasks.filter((task) => isOf(task, failure));
      const left = halfMade.find(({ urn }) => urn === failure.urn);
      return [
        `${index + 1}. ${namePlace(failure)}: ${failure.operation} failed.`,
        ...indent(failure.message.split("\n")),
        ...own.flatMap(renderTask),
        ...(left === undefined ? [] : indent([`On the server: ${left.text}`])),
        ...(left === undefined || left.remedies.length === 0
          ? []
          : indent([
              `Remove what is left over, on ${placeOf(failure).nodes.join(" and ")}: ${left.remedies.join("; ")}`,
            ])),
        ...indent([`What to do: ${hintFor(failure, { taskFailed: own.length > 0 })}`]),
      ].join("\n");
    }),
    ...(others.length === 0 ? [] : [["Tasks of this run that failed, too:", ...others.flatMap(renderTask)].join("\n")]),
    ...tasks.unread.map((text) => `The tasks could not be read: ${text}`),
    ...(unread === undefined
      ? []
      : [`Nobody could look at what is there: ${unread}\nSee why with:\n  npm run doctor -- --stack ${run.stack}`]),
    ...(pending.length === 0
      ? []
      : [["Nobody knows what came of these, for the engine was cut off:", ...pending].join("\n")]),
    renderNext(run),
  ].join("\n\n");
}

function renderNext({ stack, doubtful, halfMade, pending, again }: StoppedRun): string {
  const targets = doubtful.map((urn) => ` --target '${urn}'`).join("");
  const orphans = halfMade.filter(({ orphaned }) => orphaned).length;
  return [
    "Then, in this order:",
    ...(doubtful.length === 0
      ? []
      : [
          "Let the state be corrected, which has noted as done what failed; otherwise up would send nothing:",
          `  npm run pulumi -- refresh --stack ${stack}${targets}`,
        ]),
    ...(orphans === 0
      ? []
      : ["Take into the state what is there and not in it:", `  npm run adopt -- --stack ${stack}`]),
    ...(halfMade.some(({ gone }) => gone)
      ? [
          "See what is gone, and let it be made again; no refresh goes through before:",
          `  npm run drift -- --fix --stack ${stack}`,
        ]
      : []),
    ...(again === undefined && pending.length > 0
      ? ["Take up what was cut off, which no pipeline does unasked:", `  npm run up -- --stack ${stack}`]
      : []),
    ...(again === undefined
      ? [
          "Run the pipeline again, from its preview on: it goes on where this one stopped. What was done is in the state.",
        ]
      : ["Go on where this run stopped; what was done until then is in the state:", `  ${again}`]),
  ].join("\n");
}

function renderTask({ upid, node, type, ended, log }: FailedTask): string[] {
  return indent([
    `Task ${type} on ${node} ${ended === undefined ? "still runs" : `failed: ${ended}`}`,
    `  ${upid}`,
    ...log.map((line) => `  | ${line}`),
  ]);
}

/** Whether a task was about a resource: it is named, or it has the guest's VMID or the pool's or file's name. */
function isOf({ upid, node, about }: FailedTask, failure: Failure): boolean {
  if (failure.message.includes(upid)) return true;
  const { vmid, nodes, lookup } = placeOf(failure);
  if (!nodes.includes(node) || about === "") return false;
  if (vmid !== undefined) return about === String(vmid) && ["container", "machine"].includes(failure.word);
  if (lookup?.kind === "volume") return lookup.volumeId.endsWith(`/${about}`);
  return lookup !== undefined && "name" in lookup && lookup.name === about;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `   ${line}`);
}
