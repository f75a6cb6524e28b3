import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { digestPreview } from "../src/report/digest-preview.ts";
import { renderPreview } from "../src/report/render-preview.ts";
import { approvalFiles, readApproval } from "./approval.ts";
import { pipelineStack, project, runPipelineCommand } from "./ci-stack.ts";
import { previewForReport } from "./report-preview.ts";
import { readToolchain, stackEnvironment } from "./stack-environment.ts";
import { correctState, readUnfinished } from "./unfinished.ts";

const usage = `Does what npm run ci:preview -- --save FOLDER has shown, and nothing else: previews again, refuses if anything would be
done that was not shown then, and holds the engine to the saved plan while it works.

npm run ci:deploy -- [options]

  --stack NAME   the stack (default: PULUMI_STACK, or the running demo's)
  --from FOLDER  where the preview was saved (default: preview)
  --help

Ends with 0 where all was done, 1 where up failed on the way, 2 where it could not look, and 3 where it was refused: the
preview is not what was approved any more, or another run has the stack. After 2 and 3 nothing was changed.
`;

await runPipelineCommand(async () => {
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
  const { digest } = readApproval(folder, stack);
  if (digest === null) {
    tell("The approved preview has failed, so that there is nothing to deploy. See preview.md there.");
    return 3;
  }
  const { preview, report, doubtful } = await previewForReport(project, stack);
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
  if (preview.steps.every(({ op }) => op === "same")) {
    tell(`Nothing to do: ${stack} is as the inventory says.`);
    return 0;
  }
  if (digestPreview(preview) !== digest) {
    tell(
      renderPreview(report),
      `What would be done to ${stack} is not what was approved any more (above is what it is now): the inventory, a guest or the`,
      "state has changed since. Nothing was changed. Run the pipeline again, from its preview on.",
    );
    return 3;
  }
  return up(stack, approvalFiles(folder).plan);
}

async function up(stack: string, plan: string): Promise<0 | 1 | 3> {
  const { code, output } = await runShown(stack, ["up", "--yes", "--skip-preview", "--plan", plan]);
  if (code === 0) return 0;
  if (output.includes("the stack is currently locked by")) {
    tell(
      `Another run has the stack ${stack}, so that this one was refused. Nothing was changed. Wait for its end; where it was`,
      `killed, see first that it is gone, and then take its lock away:\n  npm run pulumi -- cancel --stack ${stack}`,
    );
    return 3;
  }
  await tellUnfinished(stack);
  return 1;
}

async function tellUnfinished(stack: string): Promise<void> {
  const { pending, doubtful } = await readUnfinished(project, stack);
  const isCorrected = doubtful.length === 0 || (await correctState(project, stack, doubtful));
  tell(
    `The deployment of ${stack} stopped on the way (see the errors above). What was done until then is in the state.`,
    ...(isCorrected
      ? []
      : ["What failed could not be read again; do it before anything else:", ...refreshes(stack, doubtful)]),
    ...(pending.length === 0
      ? []
      : ["Nobody knows what came of these, for the engine was cut off; look at them on the server:", ...pending]),
    "Put right what the errors say and run the pipeline again, from its preview on: it goes on where this one stopped.",
  );
}

/** Runs the engine with all that it says shown at once, for a run may take an hour. */
function runShown(stack: string, args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  const toolchain = readToolchain();
  return new Promise((resolve, reject) => {
    const child = spawn(toolchain.pulumi, [...args, "--non-interactive", "--color", "never", "--stack", stack], {
      cwd: project,
      env: stackEnvironment(project, toolchain, stack),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const show = (text: string) => {
      output += text;
      process.stdout.write(text);
    };
    child.stdout.setEncoding("utf8").on("data", show);
    child.stderr.setEncoding("utf8").on("data", show);
    // The engine ends what it has begun, and leaves a state that is true.
    const stop = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
    child.on("error", reject).on("close", (code) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, stop);
      resolve({ code: code ?? 1, output });
    });
  });
}

function refreshes(stack: string, urns: readonly string[]): string[] {
  return [`  npm run pulumi -- refresh --stack ${stack}${urns.map((urn) => ` --target '${urn}'`).join("")}`];
}

function tell(...lines: readonly string[]): void {
  process.stdout.write(`\n${lines.join("\n")}\n`);
}
