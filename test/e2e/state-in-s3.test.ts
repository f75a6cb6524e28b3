import { spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { findProgram } from "../../scripts/find-program.ts";
import { ProjectCopy } from "./project.ts";
import { startS3Server, type S3Server } from "./s3-server.ts";
import { scriptArguments } from "./run-script.ts";

// One setting leads to another place for the state: backend.url in Pulumi.yaml. The tests build on each other.
describe.skipIf(findProgram("go") === undefined)("with its state in a bucket", () => {
  let project: ProjectCopy;
  let simulator: Simulator;
  let server: S3Server;
  /** What the first run has made. */
  let created: string | undefined;

  beforeAll(async () => {
    project = new ProjectCopy({ services: false });
    simulator = await startSimulator();
    await createDemoStack(project.folder, simulator);
    // Settings that lead to the simulator, for a stack that is not the demo's: that one keeps its state where it is.
    cpSync(join(project.folder, "Pulumi.demo.yaml"), join(project.folder, "Pulumi.elsewhere.yaml"));
    server = await startS3Server("state");
    setBackend(server.backend);
  });

  afterAll(async () => {
    await server.close();
    await simulator.close();
    project.remove();
  });

  test("a stack is made there, and nothing of it is kept here", async () => {
    expect(await pulumi(["stack", "init", "elsewhere"])).toMatchObject({ code: 0 });
    expect(existsSync(join(project.folder, ".homelab/state"))).toBe(false);
  });

  test("a second run is refused while the first has the lock, and says who has it", async () => {
    const heal = simulator.faults.add({ method: "POST", path: "/storage", effect: { kind: "delay", seconds: 12 } });
    const first = pulumi(["up", "--yes", "--skip-preview"]);
    await until(() => simulator.faults.list().some(({ struck }) => struck > 0));
    const second = await pulumi(["up", "--yes", "--skip-preview"]);
    heal();
    expect(second.output).toMatch(/the stack is currently locked by 1 lock[^]*created by \S+@\S+ \(pid \d+\) at 20/);
    expect(second.code).not.toBe(0);
    const { code, output } = await first;
    expect(code).toBe(0);
    created = /^ +\+ (\d+) created$/m.exec(output)?.[1];
  });

  test("another run sees what the first has built", async () => {
    const { code, output } = await pulumi(["preview", "--expect-no-changes"]);
    expect(output).toContain(`${created} unchanged`);
    expect(code).toBe(0);
  });

  test.each([
    [
      "without keys",
      { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    ],
    [
      "with another's secret",
      { AWS_SECRET_ACCESS_KEY: "wrong" },
      "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID",
    ],
    ["with an unknown key", { AWS_ACCESS_KEY_ID: "AKIAHOMELAB0OTHER" }, "does not know this AWS_ACCESS_KEY_ID"],
    ["in a bucket that is not there", { PULUMI_BACKEND_URL: "other" }, "There is no such bucket"],
    ["on a server that does not answer", { PULUMI_BACKEND_URL: "closed" }, "Its server does not answer"],
  ])("%s it says what to do, with no word of the keys", async (_, changed: NodeJS.ProcessEnv, words) => {
    const { PULUMI_BACKEND_URL: place } = changed;
    const backends: Readonly<Record<string, string>> = {
      other: server.backend.replace("s3://state", "s3://other"),
      closed: server.backend.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:9"),
    };
    const elsewhere = place === undefined ? {} : { PULUMI_BACKEND_URL: backends[place] };
    const { code, output } = await pulumi(["stack", "ls"], { ...changed, ...elsewhere });
    expect(output).toContain(words);
    expect(output).not.toContain(server.keys.AWS_SECRET_ACCESS_KEY);
    expect(code).toBe(1);
  });

  function setBackend(url: string): void {
    const file = join(project.folder, "Pulumi.yaml");
    writeFileSync(file, `${readFileSync(file, "utf8")}backend: { url: "${url}" }\n`);
  }

  /** Runs npm run pulumi on the stack, in the copy. */
  function pulumi(args: readonly string[], changed: NodeJS.ProcessEnv = {}): Promise<{ code: number; output: string }> {
    const { folder } = project;
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, scriptArguments("scripts/pulumi.ts", args), {
        cwd: folder,
        env: {
          ...process.env,
          HOME: join(folder, ".homelab/demo/home"),
          PULUMI_STACK: "elsewhere",
          PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, ".homelab/passphrase"),
          ...server.keys,
          ...changed,
        },
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
});

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("It did not happen within a minute.");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
