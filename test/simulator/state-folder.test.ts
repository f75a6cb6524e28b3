import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { describe, expect, test as base } from "vitest";
import { ManualClock } from "../../simulator/src/clock.ts";
import { StateFolder } from "../../simulator/src/state-folder/state-folder.ts";
import type { ClusterState } from "../../simulator/src/state/cluster.ts";
import { defaultSeed } from "../../simulator/src/state/seed.ts";
import { World } from "../../simulator/src/world.ts";
import { change, countOf } from "./state-folder-writer.ts";

const test = base.extend<{ directory: string }>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures out of the pattern
  directory: async ({}, use) => {
    const directory = mkdtempSync(join(tmpdir(), "state-folder-"));
    await use(directory);
    rmSync(directory, { recursive: true });
  },
});

const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";

/** What a folder would give to the next simulator. */
function recover(directory: string): ClusterState | undefined {
  const folder = new StateFolder(directory);
  folder.close();
  return folder.left;
}

/** A world whose changes are kept in a folder, and how to let go of it. */
function openWorld(directory: string, options?: { compactAt: number }): { world: World; close: () => void } {
  const folder = new StateFolder(directory, options);
  const world = new World(folder.left ?? defaultSeed(), new ManualClock());
  folder.begin(world.state);
  world.onChange((patches, state) => {
    folder.keep(patches, state);
  });
  return {
    world,
    close: () => {
      folder.close();
    },
  };
}

function changeOnce(world: World): ClusterState {
  world.transaction(() => {
    change(world.state);
  });
  return world.state;
}

async function withSimulator<T>(
  options: Parameters<typeof startSimulator>[0],
  work: (simulator: Simulator) => Promise<T>,
): Promise<T> {
  const simulator = await startSimulator(options);
  try {
    return await work(simulator);
  } finally {
    await simulator.close();
  }
}

describe("a simulator that is started again", () => {
  test("has everything that it had, and the same credentials", async ({ directory }) => {
    const before = await withSimulator({ stateFolder: directory }, async (simulator) => {
      await simulator.request("POST", "/nodes/pve-01/lxc", {
        vmid: "101",
        ostemplate: template,
        storage: "local-zfs",
        hostname: "grafana",
      });
      await simulator.request("PUT", "/nodes/pve-01/lxc/101/config", { description: "Grüße\nvon hier" });
      await simulator.request("POST", "/nodes/pve-01/lxc/101/status/start");
      return simulator;
    });
    await withSimulator({ stateFolder: directory, seed: { ...defaultSeed(), name: "other" } }, async (simulator) => {
      expect(simulator.state).toEqual(before.state);
      expect(JSON.stringify(simulator.state)).toBe(JSON.stringify(before.state));
      const { apiToken, password, ca, fingerprint } = before;
      expect(simulator).toMatchObject({ apiToken, password, ca, fingerprint });
      expect(await simulator.request("GET", "/nodes/pve-01/lxc/101/status/current")).toMatchObject({
        name: "grafana",
        status: "running",
      });
    });
  });

  test("trusts the same authority still where a new node needs a new certificate", async ({ directory }) => {
    const before = await withSimulator({ stateFolder: directory }, async (simulator) => {
      simulator.change((state) => {
        const node = state.nodes["pve-01"];
        if (node !== undefined)
          state.nodes["pve-03"] = { ...structuredClone(defaultSeed().nodes["pve-01"] ?? node), name: "pve-03" };
      });
      return Promise.resolve(simulator);
    });
    await withSimulator({ stateFolder: directory }, async (simulator) => {
      expect(simulator.ca).toBe(before.ca);
      expect(simulator.fingerprint).not.toBe(before.fingerprint);
      expect(await simulator.request("GET", "/version")).toMatchObject({ release: "9.2" });
    });
  });

  test("shows what was running as Proxmox does after a power failure", async ({ directory }) => {
    const clock = new ManualClock();
    const upids = await withSimulator({ stateFolder: directory, clock }, async (simulator) => {
      const create = (vmid: string) =>
        simulator.request<string>("POST", "/nodes/pve-01/lxc", { vmid, ostemplate: template, storage: "local-zfs" });
      const started = { silent: await create("101"), talking: await create("102") };
      simulator.change(({ tasks }) => tasks[started.talking]?.log.push("extracting archive"));
      return started;
    });
    await withSimulator({ stateFolder: directory, clock }, async (simulator) => {
      const status = (upid: string) => simulator.request("GET", `/nodes/pve-01/tasks/${upid}/status`);
      expect(await status(upids.silent)).toMatchObject({
        status: "stopped",
        exitstatus: "unable to read tail (got 0 bytes)",
      });
      expect(await status(upids.talking)).toMatchObject({ status: "stopped", exitstatus: "unexpected status" });
      expect(await simulator.request("GET", "/nodes/pve-01/lxc/102/config")).toMatchObject({ lock: "create" });
      clock.advance(3600);
      expect(await status(upids.talking)).toMatchObject({ exitstatus: "unexpected status" });
    });
  });

  test("forgets a reset as little as anything else", async ({ directory }) => {
    await withSimulator({ stateFolder: directory }, (simulator) => {
      simulator.change((state) => void (state.name = "changed"));
      simulator.reset({ ...simulator.state, name: "reset" });
      return Promise.resolve();
    });
    expect(recover(directory)?.name).toBe("reset");
  });
});

describe("crashes", () => {
  test("SIGKILL at any moment loses nothing that was acknowledged", { timeout: 180_000 }, async ({ directory }) => {
    const states = [defaultSeed()];
    const world = new World(defaultSeed(), new ManualClock());
    let compactions = 0;
    for (let round = 0; round < 20; round++) {
      const acknowledged = await writeUntilKilled(directory, Math.random() * 100);
      const left = recover(directory);
      const count = left === undefined ? 0 : countOf(left);
      expect([acknowledged, acknowledged + 1]).toContain(count);
      const { sequence } = JSON.parse(readFileSync(join(directory, "cluster.json"), "utf8")) as { sequence: number };
      if (sequence > states.length - 1) compactions++;
      while (states.length <= count) states.push(changeOnce(world));
      expect(left).toEqual(states[count]);
    }
    // Otherwise nothing of this has tested what happens around a snapshot.
    expect(compactions).toBeGreaterThan(0);
  });

  test("a journal that ends anywhere in its last lines is read up to the last whole one", ({ directory }) => {
    const { world, close } = openWorld(directory);
    const states = [world.state, ...[1, 2, 3].map(() => changeOnce(world))];
    close();
    const journal = join(directory, "journal.jsonl");
    const whole = readFileSync(journal);
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([index]) => index + 1);
    const snapshot = readFileSync(join(directory, "cluster.json"));
    for (let size = whole.length; size >= 0; size--) {
      writeFileSync(journal, whole.subarray(0, size));
      const count = ends.filter((end) => end <= size).length;
      expect(recover(directory), `${size} bytes`).toEqual(states[count]);
      // What was torn is gone, so that the next line does not continue it.
      expect(statSync(journal).size).toBe(ends[count - 1] ?? 0);
    }
    expect(readFileSync(join(directory, "cluster.json"))).toEqual(snapshot);
  });

  test("what comes after a torn line is kept", ({ directory }) => {
    const first = openWorld(directory);
    changeOnce(first.world);
    changeOnce(first.world);
    first.close();
    const journal = join(directory, "journal.jsonl");
    truncateSync(journal, statSync(journal).size - 1);
    const second = openWorld(directory);
    expect(countOf(second.world.state)).toBe(1);
    const state = changeOnce(second.world);
    second.close();
    expect(recover(directory)).toEqual(state);
  });

  test("lines that the snapshot has already are not done again", ({ directory }) => {
    const { world, close } = openWorld(directory);
    changeOnce(world);
    const state = changeOnce(world);
    close();
    const journal = readFileSync(join(directory, "journal.jsonl"));
    const again = openWorld(directory);
    again.close();
    expect(statSync(join(directory, "journal.jsonl")).size).toBe(0);
    // As if the crash had come after the new snapshot and before the journal was cleared.
    writeFileSync(join(directory, "journal.jsonl"), journal);
    expect(recover(directory)).toEqual(state);
  });

  test("a snapshot that was not finished is ignored", ({ directory }) => {
    const { world, close } = openWorld(directory);
    const state = changeOnce(world);
    close();
    writeFileSync(join(directory, "cluster.json.new"), '{"format":"prox');
    expect(recover(directory)).toEqual(state);
    expect(readdirSync(directory)).not.toContain("cluster.json.new");
  });
});

test("the journal stays small, and a snapshot takes its place", ({ directory }) => {
  const { world, close } = openWorld(directory, { compactAt: 1 });
  const snapshot = join(directory, "cluster.json");
  const first = statSync(snapshot).size;
  for (let count = 0; count < 200; count++) changeOnce(world);
  close();
  expect(statSync(join(directory, "journal.jsonl")).size).toBeLessThan(2 * statSync(snapshot).size);
  expect(statSync(snapshot).size).toBeGreaterThan(first);
  expect(recover(directory)).toEqual(world.state);
});

test("a change that cannot be written is not made", ({ directory }) => {
  const { world, close } = openWorld(directory);
  const state = changeOnce(world);
  close();
  expect(() => changeOnce(world)).toThrow(/EBADF/);
  expect(world.state).toBe(state);
});

test("nobody else may read what is in the folder", async ({ directory }) => {
  await withSimulator({ stateFolder: join(directory, "new") }, (simulator) => {
    simulator.change((state) => void (state.name = "changed"));
    return Promise.resolve();
  });
  expect(statSync(join(directory, "new")).mode & 0o777).toBe(0o700);
  const modes = readdirSync(join(directory, "new")).map((name) => [
    name,
    statSync(join(directory, "new", name)).mode & 0o777,
  ]);
  expect(modes).toEqual([
    ["certificate.json", 0o600],
    ["cluster.json", 0o600],
    ["journal.jsonl", 0o600],
  ]);
});

describe("a folder that cannot be used says why", () => {
  test("in use by another simulator of this process, or another process", async ({ directory }) => {
    const first = new StateFolder(directory);
    expect(() => new StateFolder(directory)).toThrow(
      `--state ${directory}\n  Another simulator, process ${process.pid}, keeps its state in this folder.\n  Stop that one, or name another folder.`,
    );
    first.close();
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log()"]);
    try {
      await once(other.stdout, "data");
      writeFileSync(join(directory, `lock-${other.pid}`), "");
      expect(() => recover(directory)).toThrow(`Another simulator, process ${other.pid}, keeps its state`);
      expect(readdirSync(directory)).toContain(`lock-${other.pid}`);
    } finally {
      other.kill("SIGKILL");
      await once(other, "exit");
    }
    expect(recover(directory)).toBeUndefined();
    expect(readdirSync(directory)).not.toContain(`lock-${other.pid}`);
  });

  test.runIf(process.platform === "linux")(
    "but not because of a process that has the number by chance",
    ({ directory }) => {
      writeFileSync(join(directory, `lock-${process.ppid}`), "1");
      expect(recover(directory)).toBeUndefined();
    },
  );

  test("a simulator that could not start lets go of it", async ({ directory }) => {
    await withSimulator({}, async ({ url }) => {
      const port = Number(new URL(url).port);
      await expect(startSimulator({ port, stateFolder: directory })).rejects.toThrow("EADDRINUSE");
    });
    expect(recover(directory)?.name).toBe("homelab");
  });

  test("something else's folder", ({ directory }) => {
    writeFileSync(join(directory, "thesis.tex"), "");
    expect(() => recover(directory)).toThrow(
      "The folder holds something else: thesis.tex is no file of the simulator.",
    );
    expect(readdirSync(directory)).toEqual(["thesis.tex"]);
  });

  test("a file", ({ directory }) => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    expect(() => recover(file)).toThrow("The folder cannot be used: EEXIST");
  });

  test.each([
    ["[1, 2", "The state cannot be read: "],
    ["{}", "This is not the state of a simulator."],
    [
      '{"format":"proxmox-simulator","version":2,"sequence":1,"state":{}}',
      "A newer simulator has written this: its format is 2, and this one knows 1.",
    ],
  ])("cluster.json is %s", (text, message) => {
    const directory = mkdtempSync(join(tmpdir(), "state-folder-"));
    writeFileSync(join(directory, "cluster.json"), text);
    expect(() => recover(directory)).toThrow(message);
    rmSync(directory, { recursive: true });
  });

  test("a journal that something else has changed", ({ directory }) => {
    const { world, close } = openWorld(directory);
    for (let count = 0; count < 3; count++) changeOnce(world);
    close();
    const path = join(directory, "journal.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    const message = (line: number) =>
      `${path}:${line}\n  This line cannot be read, although it is not the last: something else has changed the file.`;
    writeFileSync(path, [lines[0], "garbage", lines[2], ""].join("\n"));
    expect(() => recover(directory)).toThrow(message(2));
    writeFileSync(path, [lines[0], lines[2], ""].join("\n"));
    expect(() => recover(directory)).toThrow(message(2));
  });
});

/** Lets a process write until it is killed; returns the last number that it has acknowledged. */
async function writeUntilKilled(directory: string, milliseconds: number): Promise<number> {
  const writer = join(import.meta.dirname, "state-folder-writer.ts");
  const child = spawn(process.execPath, ["--import", "tsx", writer, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  await once(child.stdout, "data");
  setTimeout(() => child.kill("SIGKILL"), milliseconds);
  await once(child, "close");
  return Number(output.trimEnd().split("\n").at(-1));
}
