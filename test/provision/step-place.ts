import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { StepPlan } from "../../src/plan/steps.ts";
import { renderQuestions } from "../../src/provision/observe-steps.ts";
import { stepScripts } from "../../src/provision/render-commands.ts";
import { renderStep } from "../../src/provision/render-step.ts";

/** What a run of a script left behind. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which this machine's own shell and programs apply steps, as they do in a guest's root. */
export class StepPlace {
  readonly root = mkdtempSync(join(tmpdir(), "step-"));
  /** `user:group` of whoever runs the tests. */
  readonly owner = ownerOf();

  apply(step: StepPlan, revision = 1, secrets: Readonly<Record<string, string>> = {}): Run {
    return this.run("apply", [step.name], renderStep(this.#placed(step), revision, secrets));
  }

  /** Applies a step while others go on; `told` hears at once what it says. */
  async applyBeside(step: StepPlan, revision: number, told: (text: string) => void = () => undefined): Promise<Run> {
    const child = spawn("sh", ["-c", this.#scriptHere("apply"), "homelab", step.name]);
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (text) => (said.stdout += String(text)));
    child.stderr.on("data", (text) => {
      said.stderr += String(text);
      told(said.stderr);
    });
    child.stdin.end(renderStep(this.#placed(step), revision, {}));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, ...said };
  }

  /** What observe-steps.sh tells, a line for each step. */
  observe(...steps: StepPlan[]): string[] {
    const { stdout, stderr, code } = this.run("observe", [], renderQuestions(steps.map((step) => this.#placed(step))));
    if (code !== 0) throw new Error(stderr);
    return stdout
      .replaceAll(this.root, "")
      .split("\n")
      .filter((line) => line !== "");
  }

  forget(name: string, revision: number): Run {
    return this.run("forget", [name, String(revision)], "");
  }

  run(script: keyof typeof stepScripts, args: readonly string[], input: string): Run {
    const words = ["-c", this.#scriptHere(script), "homelab", ...args];
    const { status, stdout, stderr } = spawnSync("sh", words, { input, encoding: "utf8" });
    return { code: status, stdout, stderr: stderr.replaceAll(this.root, "") };
  }

  read(path: string): string | undefined {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  delete(path: string): void {
    rmSync(join(this.root, path));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #scriptHere(script: keyof typeof stepScripts): string {
    return stepScripts[script].replaceAll("/var/lib/homelab", join(this.root, "var/lib/homelab"));
  }

  /** The step with its files in the folder, `/` in scripts standing for it. */
  #placed(step: StepPlan): StepPlan {
    const files = step.files.map((file) => ({ ...file, path: `${this.root}${file.path}`, owner: this.owner }));
    const script = (text: string | undefined) => text?.replaceAll("ROOT", this.root);
    const { prepare, check, activate, verify, result } = step;
    const placed = Object.entries({ prepare, check, activate, verify, result }).flatMap(([name, text]) =>
      text === undefined ? [] : [[name, script(text)] as const],
    );
    return { ...step, files, ...Object.fromEntries(placed) };
  }
}

function ownerOf(): string {
  const { username } = userInfo();
  const { stdout } = spawnSync("id", ["-gn"], { encoding: "utf8" });
  return `${username}:${stdout.trim()}`;
}
