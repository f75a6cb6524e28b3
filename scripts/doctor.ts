import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { examine } from "../src/doctor/examine.ts";
import { exitCodeOf } from "../src/doctor/finding.ts";
import { readManaged } from "../src/doctor/managed.ts";
import { renderFindings } from "../src/doctor/render.ts";
import { Deployment } from "../src/adopt/engine-files.ts";
import { keepVmids } from "../src/edits/keep-vmids.ts";
import { readBuilt } from "../src/state/built.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { planHomelab } from "../src/plan/plan.ts";
import { describeError } from "./describe-error.ts";
import { namedStack, orTheDemo } from "./named-stack.ts";
import { runPulumi } from "./pulumi-command.ts";
import { readStackSettings, StackError, type StackSettings } from "./stack-settings.ts";
import { withFolder } from "./with-folder.ts";

const usage = `Looks at a Proxmox VE before anything is built on it: connection, permissions, disks, storages, and what else
the inventory needs. Changes nothing. Ends with 0 where nothing stands in the way, 1 where something has to be done
first, and 2 where it could not look, or not everywhere.

npm run doctor -- [options]

  --stack NAME  the stack whose settings lead there (default: PULUMI_STACK, or the running demo's)
  --json        prints the findings for programs
  --help
`;

const project = resolve(import.meta.dirname, "..");

void main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: { stack: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } },
    });
    if (values.help) process.stdout.write(usage);
    else process.exitCode = await runDoctor({ stack: values.stack, json: values.json === true });
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 2;
  }
}

async function runDoctor({ stack: named, json }: { stack: string | undefined; json: boolean }): Promise<0 | 1 | 2> {
  const stack = namedStack(project, named, orTheDemo);
  const inventory = loadInventory(project);
  const settings = await readStackSettings(project, stack);
  const { endpoint, sshPrivateKey } = settings;
  if (endpoint === undefined) {
    throw new StackError(
      `The stack ${stack} has no endpoint. Set it with:\n  npm run pulumi -- config set --stack ${stack} endpoint https://ADDRESS:8006/`,
    );
  }
  const state = await readState(stack);
  const built = readBuilt(state?.deployment.resources ?? []);
  const plan = planHomelab(keepVmids(inventory, built));
  const { reached, findings } = await withKey(sshPrivateKey, async (options) =>
    examine({
      plan,
      stack,
      ...settings,
      endpoint,
      ssh: { ...settings.ssh, options },
      managed: state === undefined ? undefined : readManaged(state),
    }),
  );
  const code = reached ? exitCodeOf(findings) : 2;
  if (json) process.stdout.write(`${JSON.stringify({ stack, endpoint, exitCode: code, findings }, null, 2)}\n`);
  else process.stdout.write(renderFindings(findings, process.stdout.columns || 120));
  return code;
}

async function readState(stack: string): Promise<Deployment | undefined> {
  const { code, output } = await runPulumi(project, stack, ["stack", "export"]);
  return code === 0 ? Deployment.parse(JSON.parse(output)) : undefined;
}

/** The ssh program reads keys from files only. */
async function withKey<T>(
  privateKey: StackSettings["sshPrivateKey"],
  work: (options: readonly string[]) => Promise<T>,
): Promise<T> {
  if (privateKey === undefined) return work([]);
  return withFolder(async (folder) => {
    const file = join(folder, "key");
    writeFileSync(file, `${privateKey.trimEnd()}\n`, { mode: 0o600 });
    return work(["-o", "IdentitiesOnly=yes", "-i", file]);
  });
}
