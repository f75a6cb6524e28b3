import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment, ImportList, Preview, UpdatePlan } from "../src/adopt/engine-files.ts";
import type { ImportPlan } from "../src/adopt/import-list.ts";
import type { Inputs } from "../src/adopt/lookup.ts";
import { StackError } from "./stack-settings.ts";
import type { PulumiResult } from "./start-engine.ts";
import { withFolder } from "./with-folder.ts";

/** Runs the engine on one stack. */
export type RunEngine = (args: readonly string[], input?: string) => Promise<PulumiResult>;

/** What the program would do with a stack, in all the engine's files about it. */
export interface FullPreview {
  readonly preview: Preview;
  readonly list: ImportList;
  /** The inputs of what would be created, with secrets; by URN. */
  readonly inputs: ReadonlyMap<string, Inputs>;
}

/** A stack that resources are imported into: the user's, or one for a trial. */
export class AdoptingStack {
  readonly run: RunEngine;

  constructor(run: RunEngine) {
    this.run = run;
  }

  /** Lets the program tell what it would do; secrets are encrypted for the stack, or shown. */
  async previewFully({ showSecrets = false } = {}): Promise<FullPreview> {
    return withFolder(async (folder) => {
      const [listFile, planFile] = [join(folder, "list.json"), join(folder, "plan.json")];
      const secrets = showSecrets ? ["--show-secrets"] : [];
      const preview = await this.preview(["--import-file", listFile, "--save-plan", planFile, ...secrets]);
      const { resourcePlans } = UpdatePlan.parse(readJson(planFile));
      const inputs = Object.entries(resourcePlans).map(
        ([urn, { goal }]) => [urn, goal?.inputDiff?.adds ?? {}] as const,
      );
      return { preview, list: ImportList.parse(readJson(listFile)), inputs: new Map(inputs) };
    });
  }

  /** Lets the program tell what it would do. */
  async preview(options: readonly string[] = []): Promise<Preview> {
    const { code, output, messages } = await this.run(["preview", "--json", ...options]);
    const preview = parsePreview(output);
    const errors = preview?.diagnostics.filter(({ severity }) => severity === "error") ?? [];
    // A replacement of what is protected is refused; all the same the preview tells of it.
    if (preview !== undefined && (code === 0 || errors.every(({ message = "" }) => message.includes("protect")))) {
      return preview;
    }
    const reasons = errors.map(({ message = "" }) => message.trim()).join("\n");
    throw new StackError(`The preview fails:\n${reasons || messages.trim() || output.trim()}`);
  }

  /** Brings resources into the state; nothing is asked of the server but what is there. */
  async import({ prerequisites, list }: ImportPlan): Promise<void> {
    if (prerequisites.length > 0) {
      const targets = prerequisites.flatMap((urn) => ["--target", urn]);
      await this.#must("make the provider", ["up", "--yes", "--skip-preview", ...targets]);
    }
    await withFolder(async (folder) => {
      const file = join(folder, "list.json");
      writeFileSync(file, JSON.stringify(list), { mode: 0o600 });
      await this.#must("import", ["import", "--file", file, ...importOptions]);
    });
  }

  /** Corrects the state by what is there. */
  async refresh(urns: readonly string[]): Promise<void> {
    const targets = urns.flatMap((urn) => ["--target", urn]);
    await this.#must("refresh", ["refresh", "--yes", "--skip-preview", ...targets]);
  }

  /** The whole state, with what is secret in it encrypted. */
  async exportState(): Promise<Deployment> {
    return Deployment.parse(JSON.parse(await this.#must("export the state", ["stack", "export"])));
  }

  /** The whole state, with what is secret in it shown. */
  async readState(): Promise<Deployment> {
    return Deployment.parse(JSON.parse(await this.#must("export the state", ["stack", "export", "--show-secrets"])));
  }

  /** Puts a state in the place of the one that is there. */
  async writeState(state: Deployment): Promise<void> {
    await this.#must("take the state", ["stack", "import"], JSON.stringify(state));
  }

  async #must(what: string, args: readonly string[], input?: string): Promise<string> {
    const { code, output, messages } = await this.run(args, input);
    if (code === 0) return output;
    throw new StackError(`Pulumi does not ${what}:\n${`${output}\n${messages}`.trim()}`);
  }
}

/** What is given to `pulumi import` besides the list: protected until the first `up` puts the program's own flags. */
export const importOptions = ["--yes", "--skip-preview", "--generate-code=false", "--protect=true"];

function parsePreview(output: string): Preview | undefined {
  try {
    return Preview.parse(JSON.parse(output));
  } catch {
    return undefined;
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}
