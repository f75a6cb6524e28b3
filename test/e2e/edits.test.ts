import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { ProjectCopy } from "./project.ts";
import { runScript, type ScriptResult } from "./run-script.ts";
import "./skip-checkpoints.ts";

// Edits of the inventory of a homelab that is built: each starts from it, with the real engine and provider.
let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;
let built: Simulator["state"];
let state: Awaited<ReturnType<Stack["exportStack"]>>;
let files: Readonly<Record<string, string>>;

beforeAll(async () => {
  project = new ProjectCopy({ services: false });
  simulator = await startSimulator();
  stack = await createDemoStack(project.folder, simulator);
  await stack.up();
  built = simulator.state;
  state = await stack.exportStack();
  files = Object.fromEntries(
    ["containers.yaml", "machines.yaml", "networks.yaml", "nodes.yaml", "images.yaml"].map((name) => [
      name,
      project.read(name),
    ]),
  );
});

afterEach(async () => {
  if (simulator.state === built) return;
  simulator.reset(built);
  await stack.importStack(state);
});

afterEach(() => {
  for (const [name, text] of Object.entries(files)) project.write(name, text);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
});

describe("an edit that would lose data is refused with its place and the way on, and nothing is sent", () => {
  test.each([
    {
      title: "another VMID",
      edit: ["containers.yaml", "grafana:\n", "grafana:\n  vmid: 4711\n"],
      says: "Write vmid: 20010",
    },
    {
      title: "a bridge that carries the node's own address",
      edit: ["nodes.yaml", "vmbr0: { origin: installer, ports: [enp1s0]", "vmbr0: { origin: create, ports: [enp1s0]"],
      says: "Write origin: installer: the bridge is checked and stays as it is.",
    },
    {
      title: "a smaller disk",
      edit: [
        "containers.yaml",
        "disk: { storage: local-zfs, size: 8 GiB }",
        "disk: { storage: local-zfs, size: 6 GiB }",
      ],
      says: "Write 8 GiB again.",
    },
  ] as const)("$title", async ({ edit: [file, from, to], says }) => {
    project.edit(file, from, to);
    const { code, text, writes } = await up();
    expect(text).toContain("The inventory has ");
    expect(text).toContain(says);
    // Not the engine's advice, which loses the data.
    expect(text).not.toContain("remove the `protect` flag");
    expect(code).not.toBe(0);
    expect(writes).toEqual([]);
  });
});

describe("an edit that Proxmox VE does in place keeps the guest and its volumes", () => {
  test.each([
    {
      title: "another address",
      edit: ["containers.yaml", "address: 10.20.0.10\n", "address: 10.20.0.15\n"],
      is: { net0: expect.stringContaining("ip=10.20.0.15/24") as string },
    },
    {
      title: "another VLAN of its network",
      edit: ["networks.yaml", "vlan: 20", "vlan: 21"],
      is: { net0: expect.stringContaining("tag=21") as string },
    },
    {
      title: "a newer template",
      edit: ["images.yaml", "debian-13-standard_13.1-2_amd64", "debian-13-standard_13.2-1_amd64"],
      is: {},
      says: "debian-13-standard_13.2-1_amd64.tar.zst is for new guests only. These stay as they were made: grafana",
    },
  ] as const)("$title", async ({ edit: [file, from, to], is, ...told }) => {
    project.write(file, project.read(file).replaceAll(from, to));
    const volumes = volumesOf();
    const { code, text } = await up();
    expect(text).not.toContain("error:");
    if ("says" in told) expect(text).toContain(told.says);
    expect(code).toBe(0);
    expect(await simulator.request("GET", "/nodes/pve-01/lxc/20010/config")).toMatchObject(is);
    expect(Object.keys(simulator.state.guests)).toEqual(Object.keys(built.guests));
    expect(volumesOf()).toEqual(volumes);
    const again = await stack.preview({ expectNoChanges: true });
    expect(Object.keys(again.changeSummary)).toEqual(["same"]);
  });
});

describe("edits that the provider cannot do in place are done by Proxmox VE first", () => {
  const edits: readonly NodeEdit[] = [
    {
      title: "a root disk on another storage",
      edit: ["containers.yaml", /(^traefik-internal-01:[^]*?disk: { storage: )local-zfs/m, "$1fast"],
      says: "traefik-internal-01 is changed by Proxmox VE first, with a restart and a copy of",
      vmid: 20021,
      is: { rootfs: expect.stringMatching(/^fast:/) as string },
    },
    {
      title: "a first volume",
      edit: [
        "containers.yaml",
        "  disk: { storage: local-zfs, size: 8 GiB }\n",
        "  disk: { storage: local-zfs, size: 8 GiB }\n  volumes:\n    mp0: { path: /var/lib/grafana, storage: local-zfs, size: 10 GiB }\n",
      ],
      says: "pct set 20010 --mp0 local-zfs:10,mp=/var/lib/grafana,backup=1",
      vmid: 20010,
      is: {
        rootfs: expect.stringContaining("subvol-20010-disk-0") as string,
        mp0: expect.stringMatching(/^local-zfs:.*mp=\/var\/lib\/grafana.*size=10G/) as string,
      },
    },
    {
      title: "a volume on another storage that is larger, too",
      edit: ["containers.yaml", "storage: fast, size: 64 GiB", "storage: local-zfs, size: 96 GiB"],
      says: "prometheus is changed by Proxmox VE first, with a restart and a copy of 64 GiB:",
      vmid: 20011,
      is: { mp0: expect.stringMatching(/^local-zfs:.*mp=\/var\/lib\/prometheus.*size=96G/) as string },
    },
    {
      title: "a volume that leaves the inventory",
      edit: ["machines.yaml", /^ {2}disks:\n {4}scsi1: .*\n/m, ""],
      says: "gitlab is changed by Proxmox VE first, with a restart; the disk is detached and kept as an unused disk",
      vmid: 20030,
      is: { unused0: expect.stringMatching(/^fast:/) as string },
    },
    {
      title: "a volume of a container that leaves the inventory",
      edit: ["containers.yaml", /(^influxdb:[^]*?) {2}volumes:\n {4}mp0: .*\n/m, "$1"],
      says: "influxdb is changed by Proxmox VE first, with a restart; the volume is detached and kept as an unused disk",
      vmid: 20012,
      is: { unused0: expect.stringMatching(/^local-zfs:subvol-20012-disk-\d$/) as string },
    },
    {
      title: "and on another node",
      edit: ["containers.yaml", "grafana:\n  node: pve-01", "grafana:\n  node: pve-02"],
      says: "grafana is changed by Proxmox VE first, with a downtime while up to 8 GiB are copied:",
      vmid: 20010,
      is: { rootfs: expect.stringContaining("local-zfs:subvol-20010-disk-0") as string },
    },
    {
      title: "a machine on another node",
      edit: [
        "machines.yaml",
        "gitlab-runner:\n  kind: cloud\n  node: pve-02",
        "gitlab-runner:\n  kind: cloud\n  node: pve-01",
      ],
      says: "gitlab-runner is changed by Proxmox VE first, with a downtime while up to 20 GiB are copied:",
      vmid: 20031,
      is: { scsi0: expect.stringMatching(/^local-zfs:vm-20031-disk-\d,/) as string },
    },
  ];

  test("all at once, with no volume lost", async () => {
    for (const [file, from, to] of edits.map(({ edit }) => edit)) {
      project.write(file, project.read(file).replace(from, to));
    }
    // The user's own engine is told to use npm run up, and changes nothing.
    const before = simulator.requests.length;
    await expect(stack.up()).rejects.toThrow("npm run up lets Proxmox VE do it first");
    expect(simulator.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
    const volumes = volumesOf().length;
    const { code, text } = await up();
    expect(code, text).toBe(0);
    for (const { says, vmid, is } of edits) {
      expect(text).toContain(says);
      expect(simulator.state.guests[vmid]).toMatchObject({ status: "running", config: is });
    }
    expect(Object.keys(simulator.state.guests)).toEqual(Object.keys(built.guests));
    // One is new.
    expect(volumesOf()).toHaveLength(volumes + 1);
    const again = await stack.preview({ expectNoChanges: true });
    expect(Object.keys(again.changeSummary)).toEqual(["same"]);
  });

  test("but not without consent", async () => {
    project.edit("containers.yaml", "storage: fast, size: 64 GiB", "storage: fast, size: 96 GiB");
    const args = ["scripts/up.ts", "--stack", "demo", "--non-interactive", "--color", "never"];
    const { code, messages } = await runScript(project.folder, args, process.env);
    expect(messages).toContain("Nothing was changed. Without a terminal that could be asked, --yes allows it.");
    expect(code).not.toBe(0);
    expect(simulator.state).toBe(built);
  });

  test("and if Proxmox VE refuses, the run ends with its words, and the guest runs as before", async () => {
    project.edit("containers.yaml", "storage: fast, size: 64 GiB", "storage: local-zfs, size: 64 GiB");
    simulator.change(({ storages }) => {
      storages["local-zfs"]?.offline.push("pve-01");
    });
    const offline = await up();
    expect(offline.text).toContain("local-zfs is not active on pve-01");
    expect(offline.code).not.toBe(0);
    simulator.change(({ storages, guests }) => {
      storages["local-zfs"]?.offline.pop();
      Object.assign(guests[20011]?.config ?? {}, { lock: "backup" });
    });
    const { code, text } = await up();
    expect(text).toContain("pve-01 refused a command");
    expect(code).not.toBe(0);
    expect(simulator.state.guests[20011]).toMatchObject({
      status: "running",
      config: { mp0: expect.stringMatching(/^fast:subvol-20011-disk-\d,/) as string },
    });
  });
});

describe("what was done already by a run that was cut off, or by hand, is not done twice", () => {
  test("a first volume", async () => {
    project.edit(
      "containers.yaml",
      "  disk: { storage: local-zfs, size: 8 GiB }\n",
      "  disk: { storage: local-zfs, size: 8 GiB }\n  volumes:\n    mp0: { path: /var/lib/grafana, storage: local-zfs, size: 10 GiB }\n",
    );
    await simulator.request("PUT", "/nodes/pve-01/lxc/20010/config", {
      mp0: "local-zfs:10,mp=/var/lib/grafana,backup=1",
    });
    const volumes = volumesOf();
    const { code, text } = await up();
    expect(text).not.toContain("is changed by Proxmox VE first");
    expect(code).toBe(0);
    expect(volumesOf()).toEqual(volumes);
    const again = await stack.preview({ expectNoChanges: true });
    expect(Object.keys(again.changeSummary)).toEqual(["same"]);
  });

  test("a slot that has a volume already is not overwritten", async () => {
    project.edit(
      "containers.yaml",
      "  disk: { storage: local-zfs, size: 8 GiB }\n",
      "  disk: { storage: local-zfs, size: 8 GiB }\n  volumes:\n    mp0: { path: /srv/new, storage: local-zfs, size: 10 GiB }\n    mp1: { path: /var/lib/grafana, storage: local-zfs, size: 10 GiB }\n",
    );
    await simulator.request("PUT", "/nodes/pve-01/lxc/20010/config", {
      mp0: "local-zfs:10,mp=/var/lib/grafana,backup=1",
    });
    const volumes = volumesOf();
    const { code, text } = await up();
    expect(text).toContain("mp0: local-zfs:subvol-20010-disk-1,mp=/var/lib/grafana");
    expect(code).not.toBe(0);
    expect(volumesOf()).toEqual(volumes);
  });

  test("a container that high availability has moved: the state follows", async () => {
    await simulator.request("POST", "/nodes/pve-01/lxc/20010/migrate", { target: "pve-02", restart: "1" });
    const moved = await stack.preview();
    expect(moved.stdout).toContain("The container grafana is on pve-02, and the inventory says pve-01.");
    project.edit("containers.yaml", "grafana:\n  node: pve-01", "grafana:\n  node: pve-02");
    const volumes = volumesOf();
    const { code, text } = await up();
    expect(text).toContain("The container grafana is on pve-02; the state follows.");
    expect(text).not.toContain("is changed by Proxmox VE first");
    expect(code).toBe(0);
    expect(simulator.state.guests[20010]).toMatchObject({ node: "pve-02", status: "running" });
    expect(volumesOf()).toEqual(volumes);
    const again = await stack.preview({ expectNoChanges: true });
    expect(Object.keys(again.changeSummary)).toEqual(["same"]);
  });
});

test("guests under other names keep their VMIDs and their data", async () => {
  const renamed = [
    {
      file: "containers.yaml",
      kind: "container",
      from: "influxdb",
      to: "metrics",
      vmid: 20012,
      is: { hostname: "metrics" },
    },
    {
      file: "machines.yaml",
      kind: "machine",
      from: "gitlab-runner",
      to: "builds",
      vmid: 20031,
      is: { name: "builds" },
    },
    // It has a firewall of its own.
    { file: "machines.yaml", kind: "machine", from: "traefik-dmz", to: "edge", vmid: 30010, is: { name: "edge" } },
  ] as const;
  for (const { file, from, to } of renamed) project.edit(file, `${from}:\n`, `${to}:\n`);
  const volumes = volumesOf();
  const { code, text, writes } = await up();
  expect(code, text).toBe(0);
  for (const { kind, from, to, vmid, is } of renamed) {
    expect(text).toContain(`The ${kind} ${from} is now ${to}: it keeps its VMID and its data.`);
    expect(simulator.state.guests[vmid]).toMatchObject({ status: "running", config: is });
  }
  expect(Object.keys(simulator.state.guests)).toEqual(Object.keys(built.guests));
  expect(volumesOf()).toEqual(volumes);
  expect(writes.filter((request) => /^DELETE .*\/(?:lxc|qemu)\//.test(request))).toEqual([]);
  const again = await stack.preview({ expectNoChanges: true });
  expect(Object.keys(again.changeSummary)).toEqual(["same"]);
});

describe("a guest that the stack did not create", () => {
  test("whose VMID a new guest would get is neither taken over nor changed", async () => {
    addStranger(20099);
    project.write("containers.yaml", `${project.read("containers.yaml")}${photos}`);
    const before = simulator.state.guests[20099];
    const { code, text, writes } = await up();
    expect(text).toContain("belongs to the container mothers-photos on pve-01, which this stack did not create");
    expect(code).not.toBe(0);
    expect(writes).toEqual([]);
    expect(simulator.state.guests[20099]).toEqual(before);
  });

  test("that has got the VMID of one of ours gets nothing of ours", async () => {
    addStranger(20021);
    const before = simulator.state.guests[20021];
    const { code, text, writes } = await up();
    expect(text).toContain("Now it is the container mothers-photos on pve-01, which this stack did not create");
    expect(code).not.toBe(0);
    expect(writes).toEqual([]);
    expect(simulator.state.guests[20021]).toEqual(before);
  });

  test("that has got the VMID of one of ours runs no command for an edit of it, and is not deleted with its entry", async () => {
    addStranger(20011);
    const before = simulator.state.guests[20011];
    project.edit("containers.yaml", "storage: fast, size: 64 GiB", "storage: fast, size: 96 GiB");
    const edited = await up();
    expect(edited.text).toContain("Now it is the container mothers-photos on pve-01");
    project.write("containers.yaml", project.read("containers.yaml").replace(/^prometheus:\n(?: .*\n|\n)*/m, ""));
    const removed = await up(["--remove", "prometheus"]);
    expect(removed.text).toContain("Now it is the container mothers-photos on pve-01");
    expect([edited.code, removed.code]).not.toContain(0);
    expect([...edited.writes, ...removed.writes]).toEqual([]);
    expect(simulator.state.guests[20011]).toEqual(before);
  });

  const photos = `
new:
  node: pve-01
  network: internal
  address: 10.20.0.99
  image: debian-13-container
  cores: 1
  memory: 512 MiB
  disk: { storage: local-zfs, size: 8 GiB }
`;

  /** Puts a guest of the same shape as one of ours there, which is not ours. */
  function addStranger(vmid: number): void {
    simulator.change(({ guests }) => {
      const own = structuredClone(built.guests[20010]);
      if (own === undefined) throw new Error("There is no guest 20010.");
      const { tags: _tags, description: _description, ...config } = own.config;
      guests[vmid] = { ...own, vmid, node: "pve-01", config: { ...config, hostname: "mothers-photos" } };
    });
  }
});

describe("a guest that leaves the inventory", () => {
  const entry = /^influxdb:\n(?: .*\n|\n)*/m;

  test("is not deleted", async () => {
    project.write("containers.yaml", project.read("containers.yaml").replace(entry, ""));
    const { code, text, writes } = await up();
    expect(text).toMatch(
      /The container influxdb is not in the inventory any more, and would be deleted: VMID 20012 on pve-02/,
    );
    expect(text).toContain("npm run up -- --remove influxdb");
    expect(code).not.toBe(0);
    expect(writes).toEqual([]);
  });

  test("is deleted if it is named, and nothing else", async () => {
    project.write("containers.yaml", project.read("containers.yaml").replace(entry, ""));
    const { code, text } = await up(["--remove", "influxdb"]);
    expect(text).toContain("The container influxdb is deleted with everything in it: VMID 20012 on pve-02");
    expect(code).toBe(0);
    const left = Object.keys(built.guests).filter((vmid) => vmid !== "20012");
    expect(Object.keys(simulator.state.guests)).toEqual(left);
    expect(await up()).toMatchObject({ code: 0 });
  });

  test("is not deleted if it is named and still in the inventory", async () => {
    const { code, text, writes } = await up(["--remove", "influxdb"]);
    expect(text).toContain("--remove names influxdb, and influxdb is in the inventory.");
    expect(code).not.toBe(0);
    expect(writes).toEqual([]);
  });
});

/** An edit that needs commands on a node, and what is to be seen of it afterwards. */
interface NodeEdit {
  readonly title: string;
  readonly edit: readonly [file: string, from: string | RegExp, to: string];
  readonly says: string;
  readonly vmid: number;
  readonly is: Readonly<Record<string, unknown>>;
}

/** All volumes on the server, but files: they may come and go. */
function volumesOf(): string[] {
  return Object.entries(simulator.state.volumes).flatMap(([storage, volumes]) =>
    Object.entries(volumes)
      .filter(([, { content }]) => content === "images" || content === "rootdir")
      .map(([name]) => `${storage}/${name}`),
  );
}

async function up(
  options: readonly string[] = [],
): Promise<Pick<ScriptResult, "code"> & { text: string; writes: string[] }> {
  const before = simulator.requests.length;
  const args = ["scripts/up.ts", "--stack", "demo", "--yes", "--non-interactive", "--color", "never", ...options];
  const { code, output, messages } = await runScript(project.folder, args, process.env);
  const writes = simulator.requests.slice(before).filter(({ method }) => method !== "GET");
  return { code, text: `${output}${messages}`, writes: writes.map(({ method, path }) => `${method} ${path}`) };
}
