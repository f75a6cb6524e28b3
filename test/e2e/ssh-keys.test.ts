import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDemoStack } from "../../scripts/demo-stack.ts";
import { NodeSession } from "../../src/provision/node-session.ts";
import { quote } from "../../src/provision/render-commands.ts";
import { previewChanges } from "./changes.ts";
import { GuestInside } from "./guest-inside.ts";
import { ProjectCopy } from "./project.ts";
import { runScript, type ScriptResult } from "./run-script.ts";
import "./skip-checkpoints.ts";

// Who may log in to guests that exist, with the real engine and provider: each edit starts from a homelab that is built.
const laptop = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKQ1Dm2mRhuHZbMhTwqkQ9K3g7t8m1ZrF0m2mCzj3aB me@laptop";
const mallory = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk0bXlkZWFybWFsbG9yeWtleXRoYXRub2JvZHlrbm93 mallory@evil";
const containers = {
  grafana: 20010,
  prometheus: 20011,
  influxdb: 20012,
  "traefik-internal-01": 20021,
  "traefik-internal-02": 20022,
};
const machines = { gitlab: 20030, "gitlab-runner": 20031, "traefik-dmz": 30010 };
const rootKeys = "/root/.ssh/authorized_keys";
const opsKeys = "/home/ops/.ssh/authorized_keys";

let project: ProjectCopy;
let simulator: Simulator;
let stack: Stack;
let built: Simulator["state"];
let state: Awaited<ReturnType<Stack["exportStack"]>>;
let files: Readonly<Record<string, string>>;
let admin: string;

beforeAll(async () => {
  project = new ProjectCopy({ services: false });
  simulator = await startSimulator();
  stack = await createDemoStack(project.folder, simulator);
  await stack.up();
  built = simulator.state;
  state = await stack.exportStack();
  files = Object.fromEntries(["access.yaml", "machines.yaml"].map((name) => [name, project.read(name)]));
  admin = /admin: (.*)/.exec(project.read("access.yaml"))?.[1] ?? "";
});

afterEach(async () => {
  for (const [name, text] of Object.entries(files)) project.write(name, text);
  if (simulator.state === built) return;
  simulator.reset(built);
  await stack.importStack(state);
});

afterAll(async () => {
  await simulator.close();
  project.remove();
});

test("a new homelab opens to the inventory's keys, and cloud-init has none of them", async () => {
  expectKeys([admin]);
  for (const vmid of Object.values(machines)) {
    expect(await inGuest(vmid, "stat -c '%a %U:%G' /home/ops/.ssh /home/ops/.ssh/authorized_keys")).toBe(
      "700 ops:ops\n600 ops:ops\n",
    );
    expect(await inGuest(vmid, "cat /etc/sudoers.d/90-homelab")).toBe("ops ALL=(ALL) NOPASSWD:ALL\n");
    expect(await inGuest(vmid, "cat /var/lib/cloud/instance/user-data.txt")).not.toContain("ssh-ed25519");
  }
  expect(await inGuest(20010, "stat -c '%a %U:%G' /root/.ssh /root/.ssh/authorized_keys")).toBe(
    "700 root:root\n600 root:root\n",
  );
});

describe("an edit of access.yaml reaches every guest that exists, and neither replaces nor restarts one", () => {
  beforeEach(() => {
    project.write("access.yaml", `sshKeys:\n  admin: ${admin}\n  laptop: ${laptop}\n`);
  });

  test("a key is added", async () => {
    await edited([admin, laptop]);
  });

  test("a key is removed, and no longer opens any guest", async () => {
    await stack.up();
    project.write("access.yaml", `sshKeys:\n  laptop: ${laptop}\n`);
    const said = await edited([laptop]);
    expect(said).toContain("Keys removed from /root/.ssh/authorized_keys: example@homelab.");
    expect(said).toContain("Keys removed from /home/ops/.ssh/authorized_keys: example@homelab.");
    for (const vmid of [...Object.values(containers), ...Object.values(machines)])
      expect(JSON.stringify(new GuestInside(simulator, vmid).files())).not.toContain(admin.split(" ")[1]);
  });

  test("a comment is changed, and the key keeps opening them", async () => {
    await stack.up();
    const renamed = laptop.replace("me@laptop", "me@desk");
    project.write("access.yaml", `sshKeys:\n  admin: ${admin}\n  laptop: ${renamed}\n`);
    expect(await edited([admin, renamed])).not.toContain("Keys removed");
  });

  test("all keys are removed: that is refused, and all stay", async () => {
    project.write("access.yaml", "sshKeys: {}\n");
    const { code, messages, output } = await up();
    expect(output + messages).toContain("Nobody could log in.");
    expect(code).not.toBe(0);
    expect(simulator.state).toBe(built);
  });
});

test("a key that was removed does not come back when cloud-init runs again", async () => {
  project.write("access.yaml", `sshKeys:\n  laptop: ${laptop}\n`);
  await stack.up();
  // Another address is another instance to cloud-init.
  project.edit("machines.yaml", "address: 10.20.0.31", "address: 10.20.0.39");
  await stack.up();
  await simulator.request("POST", "/nodes/pve-02/qemu/20031/status/reboot");
  const runner = simulator.state.guests[20031];
  expect(runner?.inside.cloudInit?.networkConfig).toContain("10.20.0.39");
  expect(runner?.inside.cloudInit?.instanceId).not.toBe(built.guests[20031]?.inside.cloudInit?.instanceId);
  expect(new GuestInside(simulator, 20031).file(opsKeys)).toBe(`${laptop}\n`);
  expect(await previewChanges(stack)).toEqual([]);
});

test("a guest that is stopped keeps its keys, with a warning, until it runs again", async () => {
  await simulator.request("POST", "/nodes/pve-01/lxc/20010/status/stop");
  project.write("access.yaml", `sshKeys:\n  laptop: ${laptop}\n`);
  const { code, messages, output } = await up();
  expect(output + messages).toContain("What is set up in grafana is left as it is, for nobody could look there");
  expect(code).toBe(0);
  expect(new GuestInside(simulator, 20010).file(rootKeys)).toBe(`${admin}\n`);
  expect(new GuestInside(simulator, 20011).file(rootKeys)).toBe(`${laptop}\n`);
  await simulator.request("POST", "/nodes/pve-01/lxc/20010/status/start");
  expect(await previewChanges(stack)).toEqual([applied("grafana")]);
  await stack.up();
  expectKeys([laptop]);
});

describe("a key that somebody has added in a guest", () => {
  beforeEach(() => {
    new GuestInside(simulator, 20010).write(rootKeys, `${admin}\n${mallory}\n`);
    new GuestInside(simulator, 20031).write(opsKeys, `${admin}\n${mallory}\n`);
  });

  test("is found by drift, and removed by --fix", async () => {
    const { code, output } = await script("drift", "--json");
    expect(code).toBe(7);
    const { drift } = JSON.parse(output) as { drift: { what: string; is: unknown }[] };
    expect(drift.map(({ what, is }) => [what, is])).toEqual([
      ["step grafana-ssh-keys in grafana", rootKeys],
      ["step gitlab-runner-ssh-keys in gitlab-runner", opsKeys],
    ]);
    expect((await script("drift", "--fix", "--yes")).code).toBe(0);
    expectKeys([admin]);
    expect((await script("drift")).code).toBe(0);
  });

  test("is said in a preview, and removed by up", async () => {
    expect(await previewChanges(stack)).toEqual([applied("gitlab-runner"), applied("grafana")]);
    const { code, messages, output } = await up();
    expect(code).toBe(0);
    expect(output + messages).toContain(
      `grafana-ssh-keys in grafana is no longer as it was applied, and will be applied again: ${rootKeys}`,
    );
    expect(output + messages).toContain(`Keys removed from ${opsKeys}: mallory@evil.`);
    expectKeys([admin]);
  });

  test("stays where drift is accepted, until the keys are edited", async () => {
    project.edit("machines.yaml", "gitlab-runner:\n", "gitlab-runner:\n  onDrift: accept\n");
    expect(await previewChanges(stack)).toEqual([applied("grafana")]);
    project.write("access.yaml", `sshKeys:\n  laptop: ${laptop}\n`);
    await stack.up();
    expectKeys([laptop]);
  });
});

describe("another user of a machine", () => {
  beforeEach(() => {
    project.edit("machines.yaml", "gitlab-runner:\n", "gitlab-runner:\n  user: admin\n");
  });

  test("is created with all rights and the keys, which the former one loses", async () => {
    await inGuest(20031, "echo mine > /home/ops/notes");
    expect(await previewChanges(stack)).toEqual([applied("gitlab-runner")]);
    expect((await up()).code).toBe(0);
    expect(await inGuest(20031, "getent passwd admin")).toMatch(/^admin:x:\d+:\d+::\/home\/admin:\/bin\/bash\n$/);
    expect(
      await inGuest(
        20031,
        "stat -c '%a %U:%G' /home/admin/.ssh /home/admin/.ssh/authorized_keys; stat -c %U:%G /home/admin",
      ),
    ).toBe("700 admin:admin\n600 admin:admin\nadmin:admin\n");
    expect(await inGuest(20031, "cat /home/admin/.ssh/authorized_keys")).toBe(`${admin}\n`);
    expect(await inGuest(20031, "cat /etc/sudoers.d/90-homelab")).toBe("admin ALL=(ALL) NOPASSWD:ALL\n");
    expect(await inGuest(20031, "getent passwd ops; cat /home/ops/notes; ls -A /home/ops/.ssh")).toMatch(
      /^ops:.*\nmine\n$/,
    );
    unharmed();
    expect(await previewChanges(stack)).toEqual([]);
    expect((await script("drift")).code).toBe(0);
  });

  test("is the former one again, who gets the keys back", async () => {
    await stack.up();
    project.edit("machines.yaml", "  user: admin\n", "");
    await stack.up();
    expectKeys([admin]);
    expect(new GuestInside(simulator, 20031).file("/home/admin/.ssh/authorized_keys")).toBeUndefined();
  });

  test("whose home folder is elsewhere is refused, and the former one keeps the keys", async () => {
    project.edit("machines.yaml", "  user: admin\n", "  user: nobody\n");
    const { code, messages, output } = await up();
    expect(output + messages).toContain("The home folder of nobody is /nonexistent, not /home/nobody.");
    expect(code).not.toBe(0);
    expectKeys([admin]);
  });
});

test("a guest that is created later gets the keys of then", async () => {
  project.write("access.yaml", `sshKeys:\n  laptop: ${laptop}\n`);
  const before = project.read("containers.yaml");
  project.write(
    "containers.yaml",
    before.replace(
      /^grafana:\n[^]*?\n\n/m,
      (entry) =>
        `${entry}${entry
          .replace("grafana:", "loki:")
          .replace("10.20.0.10", "10.20.0.13")
          .replace(/ {2}(?:runs|service): .*\n/g, "")}`,
    ),
  );
  await stack.up();
  project.write("containers.yaml", before);
  expect(new GuestInside(simulator, 20013).file(rootKeys)).toBe(`${laptop}\n`);
  const created = simulator.requests.find(({ method, path }) => method === "POST" && path.endsWith("/lxc"));
  expect(created).toBeDefined();
});

/** Runs an edit, and expects these keys everywhere and nothing else to be touched; returns what the run has said. */
async function edited(keys: readonly string[]): Promise<string> {
  const guests = [...Object.keys(containers), ...Object.keys(machines)].sort();
  expect(await previewChanges(stack)).toEqual(guests.map(applied).sort());
  const before = simulator.requests.length;
  const { code, messages, output } = await up();
  expect(code).toBe(0);
  expectKeys(keys);
  expect(simulator.requests.slice(before).filter(({ method }) => method !== "GET")).toEqual([]);
  unharmed();
  expect(await previewChanges(stack)).toEqual([]);
  return output + messages;
}

/** No guest was replaced or restarted, and no snippet written. */
function unharmed(): void {
  for (const [vmid, guest] of Object.entries(built.guests))
    expect(simulator.state.guests[Number(vmid)]).toMatchObject({
      status: "running",
      startedAt: guest.startedAt,
      config: guest.config,
    });
  expect(simulator.state.volumes).toEqual(built.volumes);
}

/** What opens each guest. */
function expectKeys(keys: readonly string[]): void {
  const text = keys.map((key) => `${key}\n`).join("");
  const found = [
    ...Object.entries(containers).map(([name, vmid]) => [name, new GuestInside(simulator, vmid).file(rootKeys)]),
    ...Object.entries(machines).map(([name, vmid]) => [name, new GuestInside(simulator, vmid).file(opsKeys)]),
  ];
  expect(found).toEqual([...Object.keys(containers), ...Object.keys(machines)].map((name) => [name, text]));
}

/** How a preview shows a step that is applied again. */
function applied(guest: string): string {
  return `replace Command ${guest}-ssh-keys: delete, stdin, triggers`;
}

/** What a script in a guest prints, as its node runs it. */
async function inGuest(vmid: number, text: string): Promise<string> {
  const guest = simulator.state.guests[vmid];
  const server = simulator.ssh.find(({ node }) => node === guest?.node);
  if (guest === undefined || server === undefined) throw new Error(`Nobody can look into ${vmid}.`);
  const { host: address, port, privateKey } = server;
  const session = await NodeSession.open({ address, port, privateKey, username: "root", hostKey: undefined });
  try {
    const enter = guest.type === "lxc" ? `pct exec ${vmid}` : `qm guest exec ${vmid}`;
    const { stdout } = await session.run(`${enter} -- sh -c ${quote(text)}`, "");
    return guest.type === "lxc" ? stdout : ((JSON.parse(stdout) as { "out-data"?: string })["out-data"] ?? "");
  } finally {
    session.close();
  }
}

function up(): Promise<ScriptResult> {
  return script("up", "--yes", "--skip-preview");
}

function script(name: string, ...args: readonly string[]): Promise<ScriptResult> {
  const color = name === "drift" ? [] : ["--non-interactive", "--color", "never"];
  return runScript(project.folder, [`scripts/${name}.ts`, ...args, "--stack", "demo", ...color], process.env);
}
