import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { exitCodeOf, failedLook } from "../src/drift/drift.ts";
import { describeForPrograms } from "../src/drift/describe-for-programs.ts";
import { restorableOf, type LookAt } from "../src/drift/fixable.ts";
import { renderJunit } from "../src/drift/render-junit.ts";
import { renderDrift } from "../src/drift/render.ts";
import { askYes } from "./ask.ts";
import { describeError } from "./describe-error.ts";
import { fixDrift } from "./fix-drift.ts";
import { restoreDrift } from "./restore-drift.ts";
import { keepDriftIssue } from "./keep-drift-issue.ts";
import { lookForDrift } from "./look-for-drift.ts";
import { namedStack, orTheDemo } from "./named-stack.ts";
import { sendWebhook } from "./send-webhook.ts";
import { StackError } from "./stack-settings.ts";

const usage = `Finds what is not as the last up has left it: resources, files and services in guests and on nodes, the pools' health and
layout, and what is on the server that neither the stack nor the inventory knows. Changes nothing, unless it is told to.

npm run drift -- [options]

  --stack NAME  the stack (default: PULUMI_STACK, or the running demo's)
  --json        prints it for programs
  --junit FILE  writes it there as JUnit's XML, too
  --fix         brings back what up has brought about, after showing what that does, and looks again; what nobody knows of
                or the inventory accepts is left alone. Refuses to touch what has not drifted, and to make a guest or a pool
                anew
  --restore     brings back without asking what has onDrift: restore in the inventory, as far as --fix would do it, and
                looks again; all else is left alone, and told
  --yes         fixes without asking
  --issue       in a pipeline of GitLab or GitHub: keeps one issue about it, which is closed where there is no drift
  --webhook URL tells it to that address as JSON, where there is drift or nobody could look (default: DRIFT_WEBHOOK)
  --help

Ends with 0 where there is no drift but what the inventory accepts (onDrift: accept), 7 where there is, and 1 where it could not look, or not at every resource and guest;
what is printed and written for programs then says why. What the token may not see besides (users, for one) is named and
changes nothing of that, nor does it change anything that an issue or a webhook cannot be reached; that is said.
`;

const project = resolve(import.meta.dirname, "..");

void main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: {
        stack: { type: "string" },
        json: { type: "boolean", default: false },
        junit: { type: "string" },
        fix: { type: "boolean", default: false },
        restore: { type: "boolean", default: false },
        yes: { type: "boolean", default: false },
        issue: { type: "boolean", default: false },
        webhook: { type: "string", default: process.env["DRIFT_WEBHOOK"] ?? "" },
        help: { type: "boolean" },
      },
    });
    if (values.help) process.stdout.write(usage);
    else if (values.fix && values.json) {
      throw new StackError("--json tells what there is, and --fix shows and asks: one at a time. Nothing was done.");
    } else if (values.fix && values.restore) {
      throw new StackError(
        "--fix brings back what --restore does, and more, and asks: one at a time. Nothing was done.",
      );
    } else process.exitCode = await runDrift(values);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}

interface Options {
  readonly stack?: string;
  readonly json: boolean;
  readonly junit?: string;
  readonly fix: boolean;
  readonly restore: boolean;
  readonly yes: boolean;
  readonly issue: boolean;
  readonly webhook: string;
}

/** What was found of a stack, or why nobody could look. */
interface Found {
  readonly stack: string;
  readonly looks: readonly LookAt[];
  readonly error?: string;
}

async function runDrift(options: Options): Promise<0 | 1 | 7> {
  const found = await look(options.stack);
  if (options.restore && found.error === undefined && restorableOf(found.looks).length > 0) {
    return restore(found, options);
  }
  show(found, options);
  if (!options.fix || found.error !== undefined) {
    await report(found, options);
    return exitCodeOf(found.looks);
  }
  const fixed = await fix(found, options.yes);
  await report(fixed, options);
  return fixed.error === undefined ? exitCodeOf(fixed.looks) : 1;
}

/** A look that fails is told like any other to those who wait for a report, with the error for what it found. */
async function look(named: string | undefined): Promise<Found> {
  let stack = named ?? "no stack";
  try {
    stack = namedStack(project, named, orTheDemo);
    return { stack, looks: await lookForDrift(project, stack) };
  } catch (reason) {
    const error = describeError(reason);
    return { stack, looks: [failedLook(error)], error };
  }
}

/** Brings back what has drifted and looks again; what was found before stays where nothing was done. */
async function fix(found: Found, yes: boolean): Promise<Found> {
  try {
    const isFixed = await fixDrift(project, found.stack, found.looks, {
      say: (text) => process.stdout.write(text),
      mayFix: async (question) => yes || askYes(question),
    });
    if (!isFixed) return found;
  } catch (reason) {
    const error = describeError(reason);
    process.stderr.write(`${error}\n`);
    return { ...found, error };
  }
  const again = await look(found.stack);
  show(again, { json: false });
  return again;
}

/** Brings back what the inventory wants brought back, and tells what is left. */
async function restore(found: Found, options: Options): Promise<0 | 1 | 7> {
  if (!options.json) show(found, options);
  const place = { project, stack: found.stack, says: options.json ? "as messages" : "to the terminal" } as const;
  let last = found;
  const { looks, error } = await restoreDrift(place, found.looks, async () => {
    last = await look(found.stack);
    return last.looks;
  });
  const restored = { ...last, looks };
  if (error !== undefined) process.stderr.write(`${error}\n`);
  show(restored, options);
  await report(restored, options);
  return error === undefined ? exitCodeOf(looks) : 1;
}

function show({ stack, looks, error }: Found, { json }: Pick<Options, "json">): void {
  if (json) process.stdout.write(`${JSON.stringify(describeForPrograms(stack, looks), null, 2)}\n`);
  if (error !== undefined) process.stderr.write(`${error}\n`);
  else if (!json) process.stdout.write(renderDrift(stack, looks, process.stdout.columns || 120));
}

async function report({ stack, looks }: Found, { junit, issue, webhook }: Options): Promise<void> {
  if (junit !== undefined) writeFileSync(resolve(junit), renderJunit(stack, looks));
  if (issue) process.stderr.write(`${await keepDriftIssue(stack, looks, process.env)}\n`);
  const told = webhook === "" ? "" : await sendWebhook(webhook, stack, looks, process.env);
  if (told !== "") process.stderr.write(`${told}\n`);
}
