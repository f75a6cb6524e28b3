import { parseArgs } from "node:util";
import { digestBefore, digestPreview } from "../src/report/digest-preview.ts";
import { renderPreview } from "../src/report/render-preview.ts";
import { approvalFiles, readApproval } from "./approval.ts";
import { pipelineStack, project, runPipelineCommand } from "./ci-stack.ts";
import { doOnNodes } from "./do-on-nodes.ts";
import { withEventLog } from "./event-log.ts";
import { allowRemoval, findRemoval, type Removal } from "./remove-guests.ts";
import { previewForReport } from "./report-preview.ts";
import { readToolchain, stackEnvironment } from "./stack-environment.ts";
import { startEngine } from "./start-engine.ts";
import { tellFailures } from "./tell-failures.ts";
import { readUnfinished } from "./unfinished.ts";
import { withFolder } from "./with-folder.ts";

const usage = `Does what npm run ci:preview -- --save FOLDER has shown, and nothing else: previews again, refuses if anything would be
done that was not shown then, and holds the engine to the saved plan while it works.

npm run ci:deploy -- [options]

  --stack NAME   the stack (default: PULUMI_STACK, or the running demo's)
  --from FOLDER  where the preview was saved (default: preview)
  --help

Ends with 0 where all was done, 1 where up failed on the way, 2 where it could not look, and 3 where it was refused: the
preview is not what was approved any more, or another run has the stack. After 2 and 3 nothing was changed.
`;

void runPipelineCommand(async () => {
  const { values } = parseArgs({
    options: {
      stack: { type: "string" },
      from: { type: "string", default: "preview" },
      help: { type: "boolean" },
    },
  });
  if (!values.help) return deploy(pipelineStack(project, values.stack), values.from);
  process.stdout.write(usage);
  return 0;
});

async function deploy(stack: string, folder: string): Promise<0 | 1 | 2 | 3> {
  const { digest, before } = readApproval(folder, stack);
  if (digest === null) {
    tell("The approved preview has failed, so that there is nothing to deploy. See preview.md there.");
    return 3;
  }
  const { pending } = await readUnfinished(project, stack);
  if (pending.length > 0) {
    tell(
      `Another run has the stack ${stack}, or was cut off while it had it, so that this one was refused: it has begun the following`,
      "and not ended it. Nothing was changed. If it goes on, wait for its end; where it is gone, take up what it has left, and",
      "run the pipeline again, from its preview on:",
      ...pending,
      `\n  npm run up -- --stack ${stack}`,
    );
    return 3;
  }
  const removal = await findRemoval(project, stack, []);
  const { preview, report, doubtful } = await previewForReport(project, stack, { removal });
  if (report.errors.length > 0) {
    tell(renderPreview(report), "The preview fails, so that nothing was changed.");
    return 2;
  }
  if (doubtful.length > 0) {
    tell(
      "An earlier run could not update the following, and the state says that it did; up would send nothing. Nothing was",
      "changed. Let the state be corrected by what is there, and run the pipeline again, from its preview on:",
      ...refreshes(stack, doubtful),
    );
    return 2;
  }
  const isPrepared = report.works.length + removal.guests.length === 0;
  if (isPrepared && preview.steps.every(({ op }) => op === "same")) {
    tell(`Nothing to do: ${stack} is as the inventory says.`);
    return 0;
  }
  if (digestPreview(preview) !== digest || digestBefore(report.works, removal.urns) !== before) {
    tell(
      renderPreview(report),
      `What would be done to ${stack} is not what was approved any more (above is what it is now): the inventory, a guest or the`,
      "state has changed since. Nothing was changed. Run the pipeline again, from its preview on.",
    );
    return 3;
  }
  return isPrepared ? up(stack, approvalFiles(folder).plan) : prepareAndUp(stack, digest, removal);
}

/**
 * Lets Proxmox VE do what was approved, and guests be deleted. The saved plan is of the state before that, so that a new one is made
 * and compared.
 */
async function prepareAndUp(stack: string, digest: string, removal: Removal): Promise<0 | 1 | 3> {
  await allowRemoval(project, stack, removal);
  await doOnNodes(project, stack, {
    removed: removal.guests.map(({ name }) => name),
    say: (text) => process.stdout.write(text),
    mayDo: () => Promise.resolve(true),
  });
  return withFolder(async (folder) => {
    const { plan } = approvalFiles(folder);
    const { preview, report } = await previewForReport(project, stack, { planFile: plan, removal: allowed(removal) });
    const deleted = new Set(removal.urns);
    const rest = { steps: preview.steps.filter(({ op, urn }) => op !== "delete" || !deleted.has(urn)) };
    const same = report.errors.length === 0 && report.works.length === 0 && digestPreview(rest) === digest;
    if (same && preview.steps.every(({ op }) => op === "same")) return 0;
    if (same) return up(stack, plan);
    tell(
      renderPreview(report),
      `Proxmox VE has done its part, and what is left for ${stack} is not what was approved (above is what it is now).`,
      "Nothing else was changed. Run the pipeline again, from its preview on.",
    );
    return 3;
  });
}

/** The protection is lifted: the engine previews the deletion. */
function allowed(removal: Removal): Removal {
  return { ...removal, urns: [] };
}

async function up(stack: string, plan: string): Promise<0 | 1 | 3> {
  let output = "";
  const logged = await withEventLog(
    ["up", "--yes", "--skip-preview", "--plan", plan],
    async (args, environment, stopped) => {
      const given = [...args, "--non-interactive", "--color", "never", "--stack", stack];
      const env = { ...stackEnvironment(project, readToolchain(), stack), ...environment };
      // What it says is shown at once, for a run may take an hour.
      const run = await startEngine(given, { folder: project, environment: env, says: "to both", stopped });
      output = `${run.output}${run.messages}`;
      return run.code;
    },
  );
  if (logged.code === 0) return 0;
  if (output.includes("the stack is currently locked by")) {
    tell(
      `Another run has the stack ${stack}, so that this one was refused. Nothing was changed. Wait for its end; where it was`,
      `killed, see first that it is gone, and then take its lock away:\n  npm run pulumi -- cancel --stack ${stack}`,
    );
    return 3;
  }
  const failures = await tellFailures(project, stack, logged, undefined);
  tell(
    `The deployment of ${stack} stopped on the way (see the errors above). What was done until then is in the state.`,
    failures === ""
      ? "Put right what the errors say and run the pipeline again, from its preview on."
      : failures.trimEnd(),
  );
  return 1;
}

function refreshes(stack: string, urns: readonly string[]): string[] {
  return [`  npm run pulumi -- refresh --stack ${stack}${urns.map((urn) => ` --target '${urn}'`).join("")}`];
}

function tell(...lines: readonly string[]): void {
  process.stdout.write(`\n${lines.join("\n")}\n`);
}
