import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { Deployment } from "../src/adopt/engine-files.ts";
import { AdoptingStack } from "./adopting-stack.ts";
import { runPulumi } from "./pulumi-command.ts";
import { StackError } from "./stack-settings.ts";
import { withFolder } from "./with-folder.ts";

const Values = z.record(z.string(), z.object({ value: z.string(), objectValue: z.unknown().optional() }));
const Salted = z.object({ encryptionsalt: z.string() });
const ours = /^(?:Pulumi\..*\.yaml|\.git|\.homelab)$/;

/**
 * Gives a copy of a stack, with its settings and its state, on which an import can be tried; it is gone afterwards.
 * It has the stack's own name, so that all URNs are the same, in a backend of its own.
 */
export async function withTrialStack<T>(
  project: string,
  stack: string,
  work: (trial: AdoptingStack) => Promise<T>,
): Promise<T> {
  const read = async (args: readonly string[]) => {
    const { code, output, messages } = await runPulumi(project, stack, args);
    if (code === 0) return output;
    throw new StackError(`Pulumi does not ${args.slice(0, 2).join(" ")}:\n${messages.trim()}`);
  };
  const settings = Values.parse(JSON.parse(await read(["config", "--json", "--show-secrets"])));
  const state = Deployment.parse(JSON.parse(await read(["stack", "export", "--show-secrets"])));
  return withFolder(async (folder) => {
    const place = { folder, environment: makeBackend(folder) };
    linkProject(project, folder);
    const run = (args: readonly string[], input?: string) => runPulumi(project, stack, args, input, place);
    const config: Readonly<Record<string, unknown>> = Object.fromEntries(
      Object.entries(settings).map(([name, { value, objectValue }]) => [name, objectValue ?? value] as const),
    );
    const created = await run(["stack", "init", "--no-select"]);
    // The folder is nobody else's, and goes away: what is secret need not be encrypted there.
    writeFileSync(join(folder, `Pulumi.${stack}.yaml`), stringify({ config }), {
      mode: 0o600,
      flag: "a",
    });
    const filled = await run(["stack", "import"], JSON.stringify(encryptedFor(stack, folder, state)));
    for (const { code, messages } of [created, filled]) {
      if (code !== 0) throw new StackError(`Pulumi does not make a stack for the trial:\n${messages.trim()}`);
    }
    return work(new AdoptingStack(run));
  });
}

/** What is secret in a state is encrypted by what the state itself names: the real stack's would not open here. */
function encryptedFor(stack: string, folder: string, { deployment, ...rest }: Deployment): Deployment {
  const { encryptionsalt: salt } = Salted.parse(parse(readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8")));
  return { ...rest, deployment: { ...deployment, secrets_providers: { type: "passphrase", state: { salt } } } };
}

function makeBackend(folder: string): NodeJS.ProcessEnv {
  mkdirSync(join(folder, "state"));
  return {
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(24).toString("base64url"),
    PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
  };
}

/** The program runs from where it is; only the settings of its stacks are not to be seen, let alone written. */
function linkProject(project: string, folder: string): void {
  for (const entry of readdirSync(project)) {
    if (!ours.test(entry) && entry !== "state") symlinkSync(join(project, entry), join(folder, entry));
  }
  cpSync(join(project, "Pulumi.yaml"), join(folder, "Pulumi.yaml"), { force: true });
}
