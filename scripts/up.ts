import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { removeStorageVariable, repointStorageVariable } from "../src/edits/variables.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { askYes } from "./ask.ts";
import { chooseStack } from "./choose-stack.ts";
import { compareStorages } from "./compare-storages.ts";
import { describeError } from "./describe-error.ts";
import { doOnNodes } from "./do-on-nodes.ts";
import { forgetPools } from "./forget-pools.ts";
import { mendBackend } from "./mend-backend.ts";
import { allowRemoval, findRemoval } from "./remove-guests.ts";
import { resume } from "./resume.ts";
import { runEngine } from "./run-engine.ts";
import { findLocks, removeDeadLocks, renderLocks } from "./stack-locks.ts";
import { demoFolder, readToolchain, stackEnvironment } from "./stack-environment.ts";
import { StackError } from "./stack-settings.ts";
import { findBackend } from "./state-backend.ts";
import { takeNames } from "./take-names.ts";

// npm run up -- …: resumes what a killed run has left, then runs pulumi up. The options are those of pulumi up, and
// --remove NAME, which lets it delete a guest that the inventory no longer has; --remove-storage NAME, which lets the entry of a
// storage go although files are on it; --repoint-storage NAME, which lets a storage show another location, where its files are; --forget NAME, which lets the
// state forget a ZFS pool that the inventory no longer has.
const project = resolve(import.meta.dirname, "..");
const { names: removed, rest: others } = takeNames("--remove", process.argv.slice(2));
const { names: removedStorages, rest: more } = takeNames("--remove-storage", others);
const { names: repointed, rest } = takeNames("--repoint-storage", more);
const { names: forgotten, rest: args } = takeNames("--forget", rest);

void main();

async function main(): Promise<void> {
  try {
    process.exitCode = await up();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 2;
  }
}

function isAgreed(): boolean {
  return args.includes("--yes") || args.includes("-y");
}

async function up(): Promise<number> {
  const choice = chooseStack(["up", ...args], {
    named: process.env["PULUMI_STACK"],
    demoRuns: existsSync(demoFolder(project)),
  });
  if (choice.kind === "missing")
    throw new StackError("No stack is named, and no demo is running. Name yours: --stack homelab.");
  if (choice.stack !== undefined) {
    loadInventory(project);
    const env = stackEnvironment(project, readToolchain(), choice.stack);
    const backend = findBackend(project, env);
    const locks = findLocks(backend, choice.stack);
    process.stderr.write(renderLocks(locks, choice.stack));
    if (locks.alive.length > 0) return 2;
    removeDeadLocks(locks);
    for (const file of mendBackend(backend, choice.stack))
      process.stderr.write(`${file} was cut off halfway, and is removed.\n`);
    await resume(project, choice.stack, {
      say: (text) => process.stderr.write(text),
      mayAdopt: async (question) => isAgreed() || askYes(question),
    });
    const say = (text: string) => process.stderr.write(text);
    await forgetPools(project, choice.stack, forgotten, say);
    const removal = await findRemoval(project, choice.stack, removed);
    for (const loss of removal.losses) say(`${loss}\n`);
    await allowRemoval(project, choice.stack, removal);
    await doOnNodes(project, choice.stack, {
      removed: removal.guests.map(({ name }) => name),
      say,
      mayDo: async (question) => isAgreed() || askYes(question),
    });
  }
  if (removedStorages.length > 0) process.env[removeStorageVariable] = removedStorages.join(",");
  if (repointed.length > 0) process.env[repointStorageVariable] = repointed.join(",");
  return compareStorages(project, choice.stack ?? "", choice.stack === undefined ? [] : repointed, {
    say: (text) => process.stderr.write(text),
    run: () => runEngine(project, ["up", ...args], choice.stack),
  });
}
