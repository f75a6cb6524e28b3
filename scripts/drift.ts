import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { driftsOf, exitCodeOf } from "../src/drift/drift.ts";
import { renderJunit } from "../src/drift/render-junit.ts";
import { renderDrift } from "../src/drift/render.ts";
import { describeError } from "./describe-error.ts";
import { lookForDrift } from "./look-for-drift.ts";
import { namedStack, orTheDemo } from "./named-stack.ts";

const usage = `Finds what is not as the last up has left it: resources, files and services in guests and on nodes, the pools' health and
layout, and what is on the server that neither the stack nor the inventory knows. Changes nothing.

npm run drift -- [options]

  --stack NAME  the stack (default: PULUMI_STACK, or the running demo's)
  --json        prints it for programs
  --junit FILE  writes it there as JUnit's XML, too
  --help

Ends with 0 where there is no drift, 7 where there is, and 1 where it could not look, or not at every resource and guest.
What the token may not see besides (users, for one) is named and changes nothing of that.
`;

const project = resolve(import.meta.dirname, "..");

try {
  const { values } = parseArgs({
    options: {
      stack: { type: "string" },
      json: { type: "boolean" },
      junit: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help) process.stdout.write(usage);
  else process.exitCode = await runDrift(namedStack(project, values.stack, orTheDemo), values);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}

async function runDrift(
  stack: string,
  { json = false, junit }: { readonly json?: boolean; readonly junit?: string },
): Promise<0 | 1 | 7> {
  const looks = await lookForDrift(project, stack);
  const exitCode = exitCodeOf(looks);
  if (junit !== undefined) writeFileSync(resolve(junit), renderJunit(stack, looks));
  if (json) {
    const unchecked = looks.flatMap(({ area, subject, unchecked: why }) => (why ? [{ area, subject, ...why }] : []));
    const told = { stack, exitCode, looks: looks.length, drift: driftsOf(looks), unchecked };
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  } else process.stdout.write(renderDrift(stack, looks, process.stdout.columns || 120));
  return exitCode;
}
