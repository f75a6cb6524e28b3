import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findProgram } from "../../scripts/find-program.ts";

/** What a command in the guest left behind. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "proxmox-homelab/debian");
const environment = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8", HOME: "/root" };

/** Why no Debian can be booted here; undefined where it can. */
export function obstacle(): string | undefined {
  if (process.platform !== "linux") return "it needs Linux";
  if (process.getuid?.() !== 0) return "it needs root";
  const missing = ["debootstrap", "unshare", "nsenter", "ip", "curl"].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0)
    return `${missing.join(" and ")} missing: apt-get install debootstrap util-linux iproute2 curl`;
  const kinds = "mount --types cgroup2 cgroup2 /mnt";
  const { status } = spawnSync("unshare", [
    "--mount",
    "--pid",
    "--fork",
    "--net",
    "--uts",
    "--ipc",
    "--cgroup",
    "sh",
    "-c",
    kinds,
  ]);
  return status === 0 ? undefined : "the kernel allows no namespaces here";
}

/** A real Debian with its own systemd, in namespaces: what a container of Proxmox VE is, with a network of its own that leads nowhere. */
export class DebianGuest {
  readonly #folder = mkdtempSync(join(tmpdir(), "homelab-deep-"));
  readonly #root = join(this.#folder, "root");
  readonly #group = basename(this.#folder);
  #process: ChildProcess | undefined;
  #init = 0;

  /**
   * Makes the root file system, and fetches packages that the guest is going to install: it has no network to fetch them itself.
   * What was fetched is kept for a day. Says why, where nothing could be fetched.
   */
  install(suite: string, packages: readonly string[]): string | undefined {
    const today = new Date().toISOString().slice(0, 10);
    const key = createHash("sha256")
      .update(JSON.stringify([suite, packages, today]))
      .digest("hex")
      .slice(0, 16);
    const kept = join(cache, `${today}-${key}`);
    if (!existsSync(kept)) {
      mkdirSync(cache, { recursive: true });
      for (const old of readdirSync(cache).filter((name) => !name.startsWith(today)))
        rmSync(join(cache, old), { recursive: true, force: true });
      const staging = join(cache, `${today}-staging-${process.pid}`);
      try {
        fetchDebian(staging, suite, packages);
      } catch (error) {
        rmSync(this.#folder, { recursive: true });
        return `Debian could not be fetched: ${String(error)}`;
      }
      renameSync(staging, kept);
    }
    execFileSync("cp", ["--archive", "--reflink=auto", kept, this.#root]);
    return undefined;
  }

  /** Puts a program of ours where the guest has it. */
  place(program: string, path: string): void {
    const file = join(this.#root, path);
    mkdirSync(dirname(file), { recursive: true });
    copyFileSync(program, file);
    chmodSync(file, 0o755);
  }

  /** Boots it, and waits until its systemd has started what there is. */
  async start(name: string, address: string): Promise<void> {
    const script = join(import.meta.dirname, "start-guest.sh");
    this.#process = spawn(
      "unshare",
      ["--mount", "--propagation", "private", "sh", script, this.#root, address, this.#group, name],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    for (let tries = 0; tries < 300; tries++) {
      this.#init = findInit(this.#process.pid ?? 0);
      if (this.#init > 0) {
        const { stdout } = this.run("systemctl is-system-running", "");
        if (/^(running|degraded)/.test(stdout)) return;
      }
      await wait(200);
    }
    throw new Error("Debian did not come up within a minute.");
  }

  /** Runs a command of the shell in it, as `pct exec` does. */
  run(command: string, input: string): Run {
    const { status, stdout, stderr } = this.#enter(
      ["--mount", "--pid", "--uts", "--ipc", "--cgroup", "--net", "--", "sh", "-c", command],
      input,
    );
    return { code: status, stdout, stderr };
  }

  /** Asks a server in it by HTTP. */
  fetch(url: string): Run {
    const { status, stdout, stderr } = this.#enter(["--net", "--", "curl", "-fsS", "--max-time", "10", url], "");
    return { code: status, stdout, stderr };
  }

  /** Ends everything in it, and removes it. */
  async remove(): Promise<void> {
    if (this.#init > 0) process.kill(this.#init, "SIGKILL");
    for (let tries = 0; tries < 100 && this.#init > 0 && existsSync(`/proc/${this.#init}`); tries++) await wait(50);
    this.#process?.kill("SIGKILL");
    const groups = join(this.#folder, "groups");
    const clear = 'mount -t cgroup2 cgroup2 "$1" && find "$1/$2" -depth -type d -exec rmdir {} +';
    spawnSync("unshare", ["--mount", "sh", "-c", clear, "sh", groups, this.#group]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #enter(command: readonly string[], input: string) {
    return spawnSync("nsenter", ["--target", String(this.#init), ...command], {
      input,
      encoding: "utf8",
      env: environment,
      maxBuffer: 64 * 2 ** 20,
    });
  }
}

function fetchDebian(root: string, suite: string, packages: readonly string[]): void {
  const options = ["--variant=minbase", "--include=systemd,systemd-sysv,dbus,ca-certificates"];
  execFileSync("debootstrap", [...options, suite, root], { stdio: ["ignore", "ignore", "inherit"] });
  const apt = (...args: string[]) => {
    execFileSync("chroot", [root, "apt-get", "-qq", ...args], {
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
    });
  };
  apt("update");
  apt("install", "--download-only", "-y", "--no-install-recommends", ...packages);
}

/** The systemd below a process. */
function findInit(pid: number): number {
  if (pid === 0 || !existsSync(`/proc/${pid}/comm`)) return 0;
  if (readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "systemd") return pid;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? 0 : Math.max(0, ...children.split(" ").map((child) => findInit(Number(child))));
}
