import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { findDifferences } from "../src/adopt/differences.ts";
import { planImport, type ImportPlan } from "../src/adopt/import-list.ts";
import { renderReport, type Report } from "../src/adopt/render.ts";
import type { SortedResource } from "../src/adopt/sort-resources.ts";
import { adoptVariable } from "../src/edits/variables.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { AdoptingStack, importOptions } from "./adopting-stack.ts";
import { askYes } from "./ask.ts";
import { describeError } from "./describe-error.ts";
import { forgetPools } from "./forget-pools.ts";
import { namedStack } from "./named-stack.ts";
import { runPulumi } from "./pulumi-command.ts";
import { findExisting } from "./stack-server.ts";
import { readStackSettings } from "./stack-settings.ts";
import { tryImport } from "./try-import.ts";

const usage = `Takes what is on a Proxmox VE already into the state of a stack, so that up does not create it again: what the inventory
describes and the stack does not know yet is looked for, tried in a copy of the stack, compared with the inventory, and
imported once you say so. Nothing on the server is changed, now or by the import.

npm run adopt -- [options]

  --stack NAME  the stack that gets it (default: PULUMI_STACK, or the running demo's)
  --forget NAME lets the state forget a ZFS pool first that was renamed on its node: pve-01-fast
  --out FILE    where the list for pulumi import is written (default: adopt.json)
  --yes         imports without asking; without it, and without a terminal, nothing is imported
  --help

Ends with 0 where all that is there is as the inventory says, 1 where something differs or stands in the way (what is
there is imported all the same), and 2 where it could not look or import.
`;

const project = resolve(import.meta.dirname, "..");

void main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: {
        stack: { type: "string" },
        forget: { type: "string", multiple: true, default: [] },
        out: { type: "string", default: "adopt.json" },
        yes: { type: "boolean", default: false },
        help: { type: "boolean" },
      },
    });
    if (values.help) process.stdout.write(usage);
    else {
      const stack = namedStack(project, values.stack);
      await forgetPools(project, stack, values.forget, (text) => process.stdout.write(text));
      process.exitCode = await adopt(stack, { out: resolve(values.out), yes: values.yes });
    }
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 2;
  }
}

async function adopt(stack: string, { out, yes }: { readonly out: string; readonly yes: boolean }): Promise<0 | 1> {
  loadInventory(project);
  process.env[adoptVariable] = "1";
  const settings = await readStackSettings(project, stack);
  const own = new AdoptingStack((args, input) => runPulumi(project, stack, args, input));
  const planned = await own.previewFully();
  const resources = await findExisting(planned.preview, stack, settings);
  const there = resources.filter(({ found }) => found.kind === "there");
  if (there.length === 0) {
    say(renderReport({ resources, differences: [] }, width()), "Nothing of it is there: there is nothing to import.");
    return exitCodeOf({ resources, differences: [] });
  }
  const trial = await tryImport({ project, stack, own, planned, there });
  const report = { resources, differences: findDifferences(trial.preview, new Set(there.map(({ urn }) => urn))) };
  say(renderReport(report, width()));
  const plan = planImport(planned.list, prefixOf(there), trial.imported);
  writeFileSync(out, `${JSON.stringify(plan.list, null, 2)}\n`, { mode: 0o600 });
  const what = `${there.length} resource${there.length === 1 ? "" : "s"}`;
  say(`The import list with ${what} is in ${out}.`);
  if (!yes && !(await askYes(`Import ${what} into the stack ${stack}? Type y: `))) {
    say("Nothing was imported. Do it with --yes, or by hand:", ...commandsFor(plan, stack, out));
    return exitCodeOf(report);
  }
  await own.import(plan);
  say(
    `${what} imported. Until the first up all of it is protected, whatever the inventory says. See what is left to do:`,
    `  npm run pulumi -- preview --stack ${stack}`,
  );
  return exitCodeOf(report);
}

/** What every URN of the stack begins with. */
function prefixOf([first]: readonly SortedResource[]): string {
  return (first?.urn ?? "").split("::").slice(0, 2).join("::");
}

function commandsFor({ prerequisites }: ImportPlan, stack: string, out: string): string[] {
  const targets = prerequisites.map((urn) => ` --target '${urn}'`).join("");
  return [
    ...(targets === "" ? [] : [`  npm run pulumi -- up --stack ${stack}${targets}`]),
    `  npm run pulumi -- import --stack ${stack} --file ${out} ${importOptions.join(" ")}`,
  ];
}

function exitCodeOf({ resources, differences }: Report): 0 | 1 {
  const inTheWay = resources.some(({ found }) => ["obstacle", "unread", "unsupported"].includes(found.kind));
  return inTheWay || differences.some(({ isDefault }) => !isDefault) ? 1 : 0;
}

function width(): number {
  return process.stdout.columns || 120;
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
