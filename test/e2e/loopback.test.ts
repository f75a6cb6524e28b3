import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import {
  isLocal,
  parseTrace,
  recordDialled,
  whyNotRecorded,
  type Dialled,
  type RecordedRun,
  type RecordOptions,
} from "./dialled.ts";
import { ProjectCopy } from "./project.ts";
import { scriptArguments } from "./run-script.ts";

const reason = whyNotRecorded();
const title = "the inventory's own addresses are never dialled";

let project: ProjectCopy;

beforeAll(() => {
  project = new ProjectCopy();
});

afterAll(() => {
  project.remove();
});

describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, () => {
  test("by the demo, nor by what is done with it while it runs", async () => {
    const demo = startDemo();
    const ports = await demo.ready;
    const runs: RecordedRun[] = [];
    try {
      runs.push(await run("doctor.ts", ["--stack", "demo"]));
      runs.push(await run("pulumi.ts", ["preview", "--expect-no-changes"]));
      runs.push(await run("pulumi.ts", ["refresh", "--yes", "--expect-no-changes"]));
      runs.push(await run("pulumi.ts", ["destroy", "--yes", "--exclude-protected"]));
    } finally {
      demo.stop();
      runs.push(await demo.ended);
    }
    expect(runs.flatMap(foreign)).toEqual([]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    // The record is of the provider as well: the API's port, and SSH's of each node.
    expect(runs.at(-1)?.dialled.map(({ port }) => port)).toEqual(expect.arrayContaining(ports));
  });

  describe("on a simulator of its own", () => {
    let simulator: Simulator;

    beforeAll(async () => {
      simulator = await startSimulator();
      await createDemoStack(project.folder, simulator);
    });

    afterAll(async () => {
      await simulator.close();
    });

    test("by bootstrap", async () => {
      const bootstrap = await run("bootstrap.ts", ["--stack", "demo"], { input: `${simulator.password}\n` });
      expect(foreign(bootstrap)).toEqual([]);
      expect(bootstrap.code).toBe(0);
      expect(bootstrap.dialled.map(({ port }) => port)).toContain(Number(new URL(simulator.url).port));
    });

    test("unless a setting of the stack leads there, and then the record tells", async () => {
      project.edit("../../Pulumi.demo.yaml", simulator.url, "https://10.10.0.11:8006/");
      const doctor = await run("doctor.ts", ["--stack", "demo"], { refuse: true });
      expect(doctor.code).toBe(2);
      expect(foreign(doctor)).toEqual([{ family: "AF_INET", address: "10.10.0.11", port: 8006 }]);
    });
  });

  test("a look-up of a name counts: it asks another machine", async () => {
    const script = 'require("node:dns").lookup("nas.invalid", () => {})';
    const options = { cwd: project.folder, refuse: true };
    expect(foreign(await recordDialled([process.execPath, "-e", script], options))).not.toEqual([]);
  });
});

test.for([
  ['1 connect(8, {sa_family=AF_INET, sin_port=htons(8006), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', true],
  [
    '1 connect(8, {sa_family=AF_INET, sin_port=htons(22), sin_addr=inet_addr("10.10.0.12")}, 16 <unfinished ...>',
    false,
  ],
  [
    '1 connect(8, {sa_family=AF_INET6, sin6_port=htons(22), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
    true,
  ],
  [
    '1 connect(8, {sa_family=AF_INET6, sin6_port=htons(22), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::ffff:10.10.0.12", &sin6_addr), sin6_scope_id=0}, 28) = 0',
    false,
  ],
  ['1 connect(8, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0', false],
  [
    '1 sendmmsg(8, [{msg_hdr={msg_name={sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("10.10.0.12")}, msg_namelen=16}}], 1, 0) = 1',
    false,
  ],
  ['1 connect(8, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT', true],
  ['1 connect(8, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 110) = 0', false],
  ["1 connect(8, {sa_family=AF_VSOCK, svm_cid=2}, 16) = 0", false],
] as const)("%s", ([line, local]) => {
  expect(parseTrace(line).map(isLocal)).toEqual([local]);
});

function foreign({ dialled }: Pick<RecordedRun, "dialled">): Dialled[] {
  return dialled.filter((attempt) => !isLocal(attempt));
}

interface RunningDemo {
  /** The ports of the API and of each node's SSH, once everything is built. */
  readonly ready: Promise<number[]>;
  readonly ended: Promise<RecordedRun>;
  readonly stop: () => void;
}

function startDemo(): RunningDemo {
  let onReady: (ports: number[]) => void = () => undefined;
  let onFailure: (error: Error) => void = () => undefined;
  const ready = new Promise<number[]>((resolve, reject) => {
    onReady = resolve;
    onFailure = reject;
  });
  const ended = run("demo.ts", [], {
    onOutput: (output) => {
      if (output.includes("Ctrl-C here ends the demo")) onReady(portsOfDemo());
    },
  });
  void ended.then(({ output, dialled }) => {
    const elsewhere = foreign({ dialled }).map(({ address, port }) => `${address}:${port}`);
    onFailure(
      new Error(`The demo ended early, and elsewhere it dialled ${elsewhere.join(", ") || "nothing"}:\n${output}`),
    );
  }, onFailure);
  return {
    ready,
    ended,
    stop: () => {
      // strace keeps signals to itself: this is the demo's own process.
      process.kill(Number(readFileSync(join(project.folder, ".homelab/demo/pid"), "utf8")), "SIGINT");
    },
  };
}

function portsOfDemo(): number[] {
  const file = join(project.folder, "Pulumi.demo.yaml");
  const { config } = parse(readFileSync(file, "utf8")) as {
    config: { "homelab:endpoint": string; "homelab:ssh": { nodes: Record<string, { port: number | string }> } };
  };
  const ssh = Object.values(config["homelab:ssh"].nodes).map(({ port }) => Number(port));
  return [Number(new URL(config["homelab:endpoint"]).port), ...ssh];
}

function run(script: string, args: readonly string[], options: Partial<RecordOptions> = {}): Promise<RecordedRun> {
  return recordDialled([process.execPath, ...scriptArguments(`scripts/${script}`, args)], {
    cwd: project.folder,
    // Nobody's own backend, keys or known hosts.
    environment: { HOME: project.folder, SSH_AUTH_SOCK: "" },
    ...options,
  });
}
