import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { z } from "zod";
import { createDemoStack } from "../../../scripts/demo-stack.ts";
import { demoFolder } from "../../../scripts/stack-environment.ts";
import { ProjectCopy } from "../project.ts";
import { runScript } from "../run-script.ts";
import { whatIsThere } from "../what-is-there.ts";

/** What a command has said. */
export interface Said {
  readonly code: number;
  readonly output: string;
}

const State = z.object({
  checkpoint: z.object({ latest: z.object({ resources: z.array(z.object({ id: z.string().optional() })).nullish() }) }),
});

/** A project with a simulator, both of which begin anew for each case. */
export class FaultLab {
  readonly simulator: Simulator;
  readonly #project: ProjectCopy;
  /** What is there before anything is built. */
  readonly initial: Simulator["state"];

  private constructor(project: ProjectCopy, simulator: Simulator) {
    this.#project = project;
    this.simulator = simulator;
    this.initial = simulator.state;
    cpSync(this.#stateFolder, `${this.#stateFolder}-initial`, { recursive: true });
  }

  static async open(): Promise<FaultLab> {
    const project = new ProjectCopy({ services: false });
    const simulator = await startSimulator();
    await createDemoStack(project.folder, simulator);
    return new FaultLab(project, simulator);
  }

  async close(): Promise<void> {
    await this.simulator.close();
    this.#project.remove();
  }

  /** Nothing is built, and nothing fails. */
  reset(): void {
    this.simulator.faults.clear();
    this.simulator.reset(this.initial);
    rmSync(this.#stateFolder, { recursive: true });
    cpSync(`${this.#stateFolder}-initial`, this.#stateFolder, { recursive: true });
  }

  /** Runs a script of the project as npm would; what never gets an answer is given up after some seconds. */
  async run(script: string, args: readonly string[]): Promise<Said> {
    const env = { ...process.env, HOMELAB_PATIENCE_SECONDS: "30" };
    const { code, output, messages } = await runScript(this.#project.folder, [`scripts/${script}.ts`, ...args], env);
    return { code, output: `${output}${messages}` };
  }

  pulumi(command: string, ...options: readonly string[]): Promise<Said> {
    return this.run("pulumi", [command, "--stack", "demo", "--non-interactive", "--color", "never", ...options]);
  }

  up(): Promise<Said> {
    return this.pulumi("up", "--yes", "--skip-preview");
  }

  /** What is on the server, without the backups that jobs make when their time comes. */
  server(): Simulator["state"] {
    const state = this.simulator.state;
    const isLasting = ([name]: readonly [string, unknown]) => !name.startsWith("backup/");
    const volumes = Object.entries(state.volumes).map(
      ([place, held]) => [place, Object.fromEntries(Object.entries(held).filter(isLasting))] as const,
    );
    return { ...state, volumes: Object.fromEntries(volumes) };
  }

  /** What is on the server, line by line; two of the same homelab are equal. */
  fingerprint(): string {
    return (
      whatIsThere(this.server())
        // Disks are numbered in the order in which they come, and that is another where a run goes on.
        .replaceAll(/disk-\d+/g, "disk")
        // The provider writes this default to a server whose version it knows; without that it does not.
        .replaceAll(",host-managed=0", "")
        .split("\n")
        .map((line) => line.replace(/,$/, ""))
        // Each simulator has its own.
        .filter((line) => !line.includes('"secret":'))
        .sort()
        .join("\n")
    );
  }

  /** The IDs of all that the stack's state knows. */
  knownIds(): ReadonlySet<string> {
    const file = join(this.#stateFolder, ".pulumi/stacks/homelab/demo.json");
    const { resources } = State.parse(JSON.parse(readFileSync(file, "utf8"))).checkpoint.latest;
    return new Set((resources ?? []).flatMap(({ id }) => id ?? []));
  }

  get #stateFolder(): string {
    return join(demoFolder(this.#project.folder), "state");
  }
}
