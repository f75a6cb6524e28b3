import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { digestBefore, digestPreview } from "../src/report/digest-preview.ts";
import { findComments } from "../src/report/find-comments.ts";
import { commentMarker, renderPreview } from "../src/report/render-preview.ts";
import { upsertComment } from "../src/report/upsert-comment.ts";
import { approvalFiles, type Approval } from "./approval.ts";
import { pipelineStack, project, runPipelineCommand } from "./ci-stack.ts";
import { findRemoval } from "./remove-guests.ts";
import { previewForReport } from "./report-preview.ts";

const usage = `Previews a stack and reports in Markdown: what is lost, how much changes, which guests restart, which rules are waived,
and each change. In a pipeline for a merge request (GitLab) or a pull request (GitHub) the report becomes a comment there,
always the same one; elsewhere it is only printed. Changes nothing.

npm run ci:preview -- [options]

  --stack NAME   the stack (default: PULUMI_STACK, or the running demo's)
  --out FILE     writes the report there, too
  --save FOLDER  leaves there what npm run ci:deploy is held to
  --help

Ends with 0 where there is a preview, 1 where it fails (the report says why), and 2 where it could not be made or posted.
`;

void runPipelineCommand(async () => {
  const { values } = parseArgs({
    options: {
      stack: { type: "string" },
      out: { type: "string" },
      save: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (!values.help) return preview(pipelineStack(project, values.stack), values);
  process.stdout.write(usage);
  return 0;
});

async function preview(stack: string, { out, save }: { readonly out?: string; readonly save?: string }) {
  if (save !== undefined) mkdirSync(save, { recursive: true });
  const files = save === undefined ? undefined : approvalFiles(save);
  const removal = await findRemoval(project, stack, []);
  const { preview, report } = await previewForReport(project, stack, { planFile: files?.plan, removal });
  const text = renderPreview(report);
  const failed = report.errors.length > 0;
  process.stdout.write(text);
  if (out !== undefined) writeFileSync(resolve(out), text);
  if (save !== undefined && files !== undefined) {
    const approval: Approval = {
      stack,
      digest: failed ? null : digestPreview(preview),
      before: digestBefore(report.works, removal.urns),
    };
    writeFileSync(files.approval, `${JSON.stringify(approval, null, 2)}\n`);
    writeFileSync(join(save, "preview.md"), text);
  }
  await post(stack, text);
  return failed ? 1 : 0;
}

async function post(stack: string, text: string): Promise<void> {
  const place = findComments(process.env, (file) => JSON.parse(readFileSync(file, "utf8")));
  if ("reason" in place) {
    process.stderr.write(`The report is not posted: ${place.reason}.\n`);
    return;
  }
  const done = await upsertComment(place, commentMarker(stack), text);
  process.stderr.write(`The comment on ${place.name} was ${done}.\n`);
}
