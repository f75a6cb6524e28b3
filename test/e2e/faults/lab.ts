import { spawn } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { createDemoStack } from "../../../scripts/demo-stack.ts";
import { ProjectCopy } from "../project.ts";

/** What a command has said. */
export interface Said {
  readonly code: number;
  readonly output: string;
}

/** A project with a simulator, both of which begin anew for each case. */
export class FaultLab {
  readonly simulator: Simulator;
  readonly #project: ProjectCopy;
  readonly #initial: Simulator["state"];

  private constructor(project: ProjectCopy, simulator: Simulator) {
    this.#project = project;
    this.simulator = simulator;
    this.#initial = simulator.state;
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
    this.simulator.reset(this.#initial);
    rmSync(this.#stateFolder, { recursive: true });
    cpSync(`${this.#stateFolder}-initial`, this.#stateFolder, { recursive: true });
  }

  /** Runs a script of the project as npm would; what never gets an answer is given up after some seconds. */
  run(script: string, args: readonly string[]): Promise<Said> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--import", "tsx", `scripts/${script}.ts`, ...args], {
        cwd: this.#project.folder,
        env: { ...process.env, HOMELAB_PATIENCE_SECONDS: "40" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
      child.on("error", reject).on("close", (code) => {
        resolve({ code: code ?? 1, output });
      });
    });
  }

  pulumi(command: string, ...options: readonly string[]): Promise<Said> {
    return this.run("pulumi", [command, "--stack", "demo", "--non-interactive", "--color", "never", ...options]);
  }

  up(): Promise<Said> {
    return this.pulumi("up", "--yes", "--skip-preview");
  }

  /** What is on the server, as far as a fault could have left it half made; two of the same homelab are equal. */
  fingerprint(): unknown {
    const { guests, volumes, storages, nodes } = this.simulator.state;
    return {
      guests: Object.values(guests).map(({ vmid, type, status, config }) => ({
        vmid,
        type,
        status,
        lock: config["lock"],
      })),
      // Disks are numbered in the order in which they come, and that is another where a run goes on.
      volumes: Object.entries(volumes)
        .map(([place, held]) => [
          place,
          Object.keys(held)
            .map((name) => name.replace(/disk-\d+$/, "disk"))
            .sort(),
        ])
        .sort(),
      storages: Object.keys(storages).sort(),
      pools: Object.values(nodes).map(({ zpools }) => Object.keys(zpools).sort()),
    };
  }

  get #stateFolder(): string {
    return join(this.#project.folder, ".homelab/demo/state");
  }
}
