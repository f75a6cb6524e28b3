import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";

const programs = ["ssh", "scp", "sftp"];
const missing = programs.filter((program) => findProgram(program) === undefined);
const title =
  missing.length === 0 ? "OpenSSH's own programs" : `OpenSSH's own programs (skipped: no ${missing.join(", ")})`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let simulator: Simulator;
let folder: string;
let port: string;
let options: string[];

beforeAll(async () => {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), "simulator-ssh-"));
  const [server] = simulator.ssh;
  writeFileSync(join(folder, "key"), server?.privateKey ?? "", { mode: 0o600 });
  writeFileSync(join(folder, "known_hosts"), simulator.ssh.map(({ knownHost }) => `${knownHost}\n`).join(""));
  port = String(server?.port);
  const settings = {
    BatchMode: "yes",
    IdentityFile: join(folder, "key"),
    IdentitiesOnly: "yes",
    StrictHostKeyChecking: "yes",
    UserKnownHostsFile: join(folder, "known_hosts"),
  };
  options = ["-F", "/dev/null", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
});

afterAll(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(missing.length > 0)(title, () => {
  test("ssh runs a command, with its input, output and exit status", async () => {
    expect(await ssh("cat; echo err >&2; hostname; exit 3", "input\n")).toEqual({
      code: 3,
      out: "input\npve-01\n",
      err: "err\n",
    });
  });

  test("ssh with a terminal is a shell", async () => {
    const { code, out } = await run(
      "ssh",
      [...options, "-tt", "-p", port, "root@127.0.0.1"],
      "cd /etc/pve\nls -d local\nexit 4\n",
    );
    expect(out).toContain("root@pve-01:/etc/pve# ls -d local\r\nlocal\r\n");
    expect(code).toBe(4);
  });

  test("ssh refuses a node whose key is another", async () => {
    const [first, second] = simulator.ssh;
    const wrong = first?.knownHost.replace(/ssh-ed25519 .*/, second?.knownHost.replace(/^\S+ /, "") ?? "") ?? "";
    writeFileSync(join(folder, "wrong_hosts"), `${wrong}\n`);
    const { code, err } = await run("ssh", [
      "-o",
      `UserKnownHostsFile=${join(folder, "wrong_hosts")}`,
      ...options,
      "-p",
      port,
      "root@127.0.0.1",
      "true",
    ]);
    expect(err).toContain("Host key verification failed.");
    expect(code).toBe(255);
  });

  test("scp copies there and back, modes and folders included", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    writeFileSync(join(folder, "there"), bytes, { mode: 0o640 });
    expect(
      await run("scp", [...options, "-p", "-P", port, join(folder, "there"), "root@127.0.0.1:/srv/there"]),
    ).toMatchObject({ code: 0, err: "" });
    expect((await ssh("stat -c '%a %s' /srv/there; mkdir -p d/e; echo x > d/e/f")).out).toBe("640 300000\n");
    expect(await run("scp", [...options, "-P", port, "root@127.0.0.1:/srv/there", join(folder, "back")])).toMatchObject(
      { code: 0 },
    );
    expect(readFileSync(join(folder, "back")).equals(bytes)).toBe(true);
    expect(await run("scp", [...options, "-r", "-P", port, "root@127.0.0.1:d", join(folder, "tree")])).toMatchObject({
      code: 0,
    });
    expect(readFileSync(join(folder, "tree/e/f"), "utf8")).toBe("x\n");
    expect(await run("scp", [...options, "-P", port, "root@127.0.0.1:/none", folder])).toMatchObject({ code: 1 });
  });

  test("sftp does what its commands say", async () => {
    const batch = [
      "mkdir a",
      "cd a",
      `put ${join(folder, "key")} k`,
      "chmod 600 k",
      "ln -s k l",
      "rename k m",
      "ls -1",
      "rm l",
      "rm m",
      "cd ..",
      "rmdir a",
      "pwd",
    ];
    const { code, out } = await run("sftp", [...options, "-P", port, "root@127.0.0.1"], `${batch.join("\n")}\n`);
    expect(out).toMatch(/sftp> ls -1\nl\s*\nm\s*\n/);
    expect(out).toContain("Remote working directory: /root\n");
    expect(code).toBe(0);
    expect((await ssh("ls -d /root/a")).code).toBe(2);
  });

  test("a snippet that scp brings is a volume of the API", async () => {
    writeFileSync(join(folder, "user.yaml"), "#cloud-config\n");
    await run("scp", [...options, "-P", port, join(folder, "user.yaml"), "root@127.0.0.1:/var/lib/vz/snippets/"]);
    expect(await simulator.request("GET", "/nodes/pve-01/storage/local/content?content=snippets")).toMatchObject([
      { volid: "local:snippets/user.yaml", size: 14 },
    ]);
  });

  test("what the provider runs to upload a snippet works", async () => {
    const functions =
      '_try_sudo_check(){ if [ -z "${_try_sudo_cached:-}" ]; then _try_sudo_use_sudo="${TRY_SUDO_USE_SUDO:-0}"; _try_sudo_cached=1; fi; }; ' +
      'try_sudo(){ _try_sudo_check; if [ "$_try_sudo_use_sudo" = "1" ]; then sudo "$@"; else "$@"; fi; }';
    const probe =
      'if [ "$(id -u)" = "0" ]; then echo "0"; elif [ $(sudo -n /usr/sbin/pvesm apiinfo 2>&1 | grep "APIVER" | wc -l) -gt 0 ] ' +
      '|| sudo -n /usr/sbin/qm --help >/dev/null 2>&1; then echo "1"; else echo "0"; fi';
    expect((await ssh(inBash(probe))).out).toBe("0\n");
    const upload = `export TRY_SUDO_USE_SUDO=0; ${functions}; try_sudo /usr/bin/tee /var/lib/vz/snippets/vendor.yaml`;
    expect(await ssh(inBash(upload), "#cloud-config\n")).toEqual({ code: 0, out: "#cloud-config\n", err: "" });
  });
});

function inBash(script: string): string {
  return `/bin/bash -c '${script.replaceAll("'", `'"'"'`)}'`;
}

function ssh(command: string, input = ""): Promise<Ended> {
  return run("ssh", [...options, "-p", port, "root@127.0.0.1", command], input);
}

function run(program: string, args: readonly string[], input = ""): Promise<Ended> {
  const child = spawn(program, args, { stdio: "pipe", timeout: 30_000 });
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => {
      resolve({ code, ...text });
    });
  });
}
