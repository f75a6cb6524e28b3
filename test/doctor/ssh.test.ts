import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Simulator } from "@proxmox-homelab/simulator";
import { afterAll, afterEach, beforeEach, describe, expect } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { checkSsh } from "../../src/doctor/check-ssh.ts";
import type { SshTarget } from "../../src/doctor/target.ts";
import { closeShared, shipped, test } from "./doctor-test.ts";

afterAll(closeShared);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doctor-ssh-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What the ssh program needs: the simulator's key, and what it has of known hosts. */
function withFiles({ ssh }: Simulator, { nodes }: SshTarget, knownHosts: string): SshTarget {
  const [key, known] = [join(folder, "key"), join(folder, "known_hosts")];
  writeFileSync(key, ssh[0]?.privateKey ?? "", { mode: 0o600 });
  writeFileSync(known, knownHosts);
  const options = ["-F", "none", "-o", `UserKnownHostsFile=${known}`, "-o", "IdentitiesOnly=yes", "-i", key];
  return { username: "root", nodes, options };
}

const subject = "SSH to pve-01";

describe.skipIf(findProgram("ssh") === undefined)("with an ssh program", () => {
  test("a key that is let in is fine", async ({ simulator, target, findingOn }) => {
    const known = simulator.ssh.map(({ knownHost }) => `${knownHost}\n`).join("");
    const { port } = target.ssh.nodes["pve-01"] ?? { port: 0 };
    expect(await findingOn(subject, { ssh: withFiles(simulator, target.ssh, known) })).toEqual({
      status: "ok",
      subject,
      text: `root@127.0.0.1:${port} lets this key in.`,
    });
  });

  test("a host key that nobody has compared is to be compared", async ({ simulator, target, findingOn }) => {
    const { port } = target.ssh.nodes["pve-01"] ?? { port: 0 };
    expect(await findingOn(subject, { ssh: withFiles(simulator, target.ssh, "") })).toEqual({
      status: "warning",
      subject,
      text: `root@127.0.0.1:${port} answers, but its host key is not known here.`,
      remedy: `Log in once, and compare the fingerprint that it shows with the one on the node:\n  ssh -p ${port} root@127.0.0.1`,
    });
  });

  test("a host key that has changed is a problem", async ({ simulator, target, findingOn }) => {
    const { port } = target.ssh.nodes["pve-01"] ?? { port: 0 };
    const other = simulator.ssh.find(({ node }) => node === "pve-02")?.knownHost ?? "";
    const known = `${other.replace(/:\d+ /, `:${port} `)}\n`;
    expect(await findingOn(subject, { ssh: withFiles(simulator, target.ssh, known) })).toMatchObject({
      status: "problem",
      text: `root@127.0.0.1:${port} does not let us in: its host key has changed.`,
    });
  });

  test("a key that the node does not know is a problem where snippets are to be written", async ({
    simulator,
    target,
    findingOn,
  }) => {
    const { port } = target.ssh.nodes["pve-01"] ?? { port: 0 };
    const known = simulator.ssh.map(({ knownHost }) => `${knownHost}\n`).join("");
    const ssh = withFiles(simulator, target.ssh, known);
    const refused = { ...ssh, options: [...ssh.options.slice(0, -2), "-o", "IdentityFile=none"] };
    const finding = {
      status: "problem",
      subject,
      text: expect.stringMatching(
        new RegExp(
          `^root@127\\.0\\.0\\.1:${port} does not let us in: root@127\\.0\\.0\\.1: Permission denied \\(.+\\)\\.$`,
        ),
      ) as string,
      remedy: `Put your key there, or set the stack's secret sshPrivateKey:\n  ssh-copy-id -p ${port} root@127.0.0.1`,
    };
    expect(await findingOn(subject, { ssh: refused })).toEqual(finding);
    const plan = { ...shipped, machines: [] };
    expect(await findingOn(subject, { ssh: refused, plan })).toEqual({ ...finding, status: "warning" });
  });
});

test("a port where nobody listens, or someone else, is a problem", async ({ simulator, target, findingOn }) => {
  const other = Number(new URL(simulator.url).port);
  const at = (port: number) => ({
    ssh: { ...target.ssh, nodes: { ...target.ssh.nodes, "pve-01": { address: "127.0.0.1", port } } },
  });
  expect(await findingOn(subject, at(1))).toEqual({
    status: "problem",
    subject,
    text: "root@127.0.0.1:1 does not answer: connect ECONNREFUSED 127.0.0.1:1.",
    remedy: "Is SSH on there, and is this the address? Correct ssh.nodes.pve-01 in Pulumi.homelab.yaml.",
  });
  expect(await findingOn(subject, at(other))).toMatchObject({
    status: "problem",
    text: expect.stringMatching(
      / does not answer: (?:no answer within 5 seconds|it is no SSH server|it hung up)\.$/,
    ) as string,
  });
});

test("a node that the stack says nothing of is a problem", async ({ target, findingOn }) => {
  expect(await findingOn(subject, { ssh: { ...target.ssh, nodes: {} } })).toEqual({
    status: "problem",
    subject,
    text: "The stack does not say where it is reached.",
    remedy: "Tell it:\n  npm run pulumi -- config set --stack homelab --path ssh.nodes.pve-01.address 10.10.0.11",
  });
});

test("without an ssh program the answer of the port has to do", () => {
  const facts = { node: "pve-01", stack: "homelab", inventoryAddress: "10.10.0.11", needed: true };
  const target = { address: "10.10.0.11", port: 22, username: "root" };
  const greeting = { kind: "ssh" as const, banner: "SSH-2.0-OpenSSH_10.0p2" };
  expect(checkSsh({ ...facts, target, greeting, login: { kind: "unavailable" } })).toEqual({
    status: "ok",
    subject,
    text: "root@10.10.0.11 answers. Nobody logged in: there is no ssh program here to do it.",
  });
});
