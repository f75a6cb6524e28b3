import { execFileSync, spawn } from "node:child_process";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { z } from "zod";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { demoFolder } from "../../scripts/stack-environment.ts";
import { ProjectCopy } from "./project.ts";
import { scriptArguments } from "./run-script.ts";

const State = z.object({
  checkpoint: z.object({
    latest: z.object({
      resources: z.array(z.object({ urn: z.string(), id: z.string().optional(), type: z.string() })),
      pending_operations: z.array(z.unknown()).nullish(),
    }),
  }),
});

/** What a run has come to. */
export interface RunResult {
  readonly code: number | null;
  readonly output: string;
  /** Where it was killed. */
  readonly killed: string | undefined;
}

/** Says of a request that changes something whether the run is killed there: before it is done, or after, before the answer. */
export type KillDecision = (request: string) => "before" | "after" | undefined;

/** A homelab on a simulator, whose runs can be killed; what was there is put back as often as wanted. */
export class KillableHomelab {
  readonly project: ProjectCopy;
  readonly simulator: Simulator;
  readonly #saved: string;

  private constructor(project: ProjectCopy, simulator: Simulator) {
    this.project = project;
    this.simulator = simulator;
    this.#saved = join(project.folder, ".homelab/saved");
  }

  static async create(): Promise<KillableHomelab> {
    const project = new ProjectCopy({ services: false });
    const simulator = await startSimulator();
    await createDemoStack(project.folder, simulator);
    return new KillableHomelab(project, simulator);
  }

  /** Remembers server and state; what is returned puts them back. */
  save(): () => void {
    const server = this.simulator.state;
    const state = join(demoFolder(this.project.folder), "state");
    rmSync(this.#saved, { recursive: true, force: true });
    cpSync(state, this.#saved, { recursive: true });
    return () => {
      this.simulator.reset(server);
      rmSync(state, { recursive: true });
      cpSync(this.#saved, state, { recursive: true });
    };
  }

  /** npm run up, which is killed with all that it has started where that is decided. */
  async up(decide: KillDecision = () => undefined): Promise<RunResult> {
    return this.#run("scripts/up.ts", ["--yes", "--skip-preview"], decide);
  }

  /** npm run up, of which nothing but the engine is killed. */
  async upWithoutEngine(decide: KillDecision): Promise<RunResult> {
    return this.#run("scripts/up.ts", ["--yes", "--skip-preview"], decide, ({ command }) => command === "pulumi");
  }

  /** What runs now for this homelab: the variables of the engine lead to its folder. */
  processes(): Pick<Started, "pid" | "command">[] {
    const { folder } = this.project;
    const output = execFileSync("ps", ["axeww", "-o", "pid=,comm=,command="], { encoding: "utf8", maxBuffer: 2 ** 30 });
    return output
      .split("\n")
      .filter((line) => line.includes(`PULUMI_BACKEND_URL=file://${folder}/`))
      .map((line) => {
        const [pid = "", command = ""] = line.trim().split(/\s+/);
        return { pid: Number(pid), command };
      });
  }

  /** What the state says that there is, as text. */
  readState(): string {
    const file = join(demoFolder(this.project.folder), "state/.pulumi/stacks/homelab/demo.json");
    const { checkpoint } = State.parse(JSON.parse(readFileSync(file, "utf8")));
    const { resources, pending_operations: pending } = checkpoint.latest;
    // What is no part of Proxmox VE has an ID by chance.
    const lines = resources.map(({ urn, type, id = "" }) => `${urn} ${type.startsWith("proxmoxve:") ? id : ""}`);
    return [...lines.sort(), `pending: ${pending?.length ?? 0}`].join("\n");
  }

  /** Whether up would change anything, with the server looked at. */
  async previewFresh(): Promise<RunResult> {
    return this.#run("scripts/pulumi.ts", ["preview", "--refresh", "--expect-no-changes", "--diff"], () => undefined);
  }

  async close(): Promise<void> {
    await this.simulator.close();
    this.project.remove();
  }

  async #run(
    script: string,
    args: readonly string[],
    decide: KillDecision,
    isKilled: (started: Started) => boolean = () => true,
  ): Promise<RunResult> {
    const child = spawn(
      process.execPath,
      scriptArguments(script, [...args, "--stack", "demo", "--non-interactive", "--color", "never"]),
      { cwd: this.project.folder, stdio: ["ignore", "pipe", "pipe"] },
    );
    let killed: string | undefined;
    const end = this.simulator.faults.intercept((method, path) => {
      if (killed !== undefined) return { kind: "drop" };
      if (method === "GET") return undefined;
      const request = `${method} ${path.replace(/\/$/, "")}`;
      const when = decide(request);
      if (when === undefined) return undefined;
      killed = `${when} ${request}`;
      killTree(child.pid ?? 0, isKilled);
      return when === "before" ? { kind: "drop" } : undefined;
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    return new Promise((resolve, reject) => {
      child.on("error", reject).on("close", (code) => {
        end();
        resolve({ code, output, killed });
      });
    });
  }
}

/** A process that a run has started. */
interface Started {
  readonly pid: number;
  readonly parent: number;
  /** The name of its program. */
  readonly command: string;
}

/** Kills a process with all that it has started, or some of it; they are in process groups of their own. */
function killTree(root: number, isKilled: (started: Started) => boolean): void {
  const all = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line): Started => {
      const [pid = "", parent = "", command = ""] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), command };
    });
  const tree = (started: Started): Started[] => [
    started,
    ...all.filter(({ parent }) => parent === started.pid).flatMap(tree),
  ];
  for (const { pid } of all
    .filter((one) => one.pid === root)
    .flatMap(tree)
    .filter(isKilled)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
