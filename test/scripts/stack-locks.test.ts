import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mendBackend } from "../../scripts/mend-backend.ts";
import { findLocks, removeDeadLocks, renderHint, renderLocks } from "../../scripts/stack-locks.ts";

let folder: string;
let backend: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "homelab-backend-"));
  backend = pathToFileURL(folder).href;
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): string {
  const file = join(folder, ".pulumi", path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function lock({ stack = "homelab", pid = 4711, host = hostname() }): string {
  const content = { pid, username: "ada", hostname: host, timestamp: "2026-11-28T18:03:46Z" };
  write(`locks/organization/proxmox/${stack}/${pid}.json.attrs`, "{}");
  return write(`locks/organization/proxmox/${stack}/${pid}.json`, JSON.stringify(content));
}

describe("the lock of a run", () => {
  test("that was killed is removed, and the next run says so", () => {
    const file = lock({});
    const locks = findLocks(backend, "homelab", () => false);
    removeDeadLocks(locks);
    expect(existsSync(file)).toBe(false);
    expect(existsSync(`${file}.attrs`)).toBe(false);
    expect(renderLocks(locks, "homelab")).toBe(
      "The stack homelab is locked by a run that is gone (process 4711 of this machine, 2026-11-28T18:03:46Z): it was killed. The lock is removed.\n",
    );
    expect(renderHint(locks, "homelab")).toContain("\n  npm run up -- --stack homelab\n");
  });

  test.each([
    { title: "that goes on", host: hostname(), said: "which goes on" },
    { title: "on another machine", host: "laptop", said: "and only that machine can tell whether it goes on" },
  ])("$title is left alone, and how to remove it is said", ({ host, said }) => {
    const file = lock({ host });
    const locks = findLocks(backend, "homelab", () => true);
    removeDeadLocks(locks);
    expect(existsSync(file)).toBe(true);
    expect(renderLocks(locks, "homelab")).toBe(
      `The stack homelab is locked by a run of ada on ${host} (process 4711, 2026-11-28T18:03:46Z), ${said}. ` +
        `Two runs at once would break the state. Wait for its end; if you are sure that it is gone, remove ${file}\n`,
    );
    expect(renderHint(locks, "homelab")).toBe("");
  });

  test("on another machine counts, though a process of its number is gone here", () => {
    lock({ host: "laptop" });
    expect(findLocks(backend, "homelab", () => false).alive).toHaveLength(1);
  });

  test("whose process is gone is known without being told", () => {
    lock({ pid: spawnSync(process.execPath, ["--version"]).pid });
    expect(findLocks(backend, "homelab").dead).toHaveLength(1);
  });

  test.skipIf(process.platform !== "linux")(
    "whose number another program has got is known for that of a dead one",
    () => {
      lock({ pid: process.pid });
      expect(findLocks(backend, "homelab").dead).toHaveLength(1);
    },
  );

  test("of another stack, or in another backend, is none of ours", () => {
    lock({ stack: "demo" });
    const none = { dead: [], alive: [] };
    expect(findLocks(backend, "homelab", () => false)).toEqual(none);
    expect(findLocks("s3://state", "demo", () => false)).toEqual(none);
    expect(findLocks(undefined, "demo", () => false)).toEqual(none);
  });
});

describe("files that a killed run was just writing", () => {
  const longAgo = new Date(Date.now() - 60_000);

  test("are removed: half of the attributes, and what had not got its name yet", () => {
    const half = write("stacks/proxmox/homelab.json.attrs", "");
    const unnamed = write("locks/organization/proxmox/homelab/a.json.18af.tmp", "{");
    utimesSync(unnamed, longAgo, longAgo);
    expect(mendBackend(backend, "homelab").sort()).toEqual([half, unnamed].sort());
    expect([half, unnamed].filter(existsSync)).toEqual([]);
  });

  test("are nobody else's, not new, and never the state", () => {
    write("stacks/proxmox/homelab.json", "{");
    write("stacks/proxmox/homelab.json.bak.attrs", "{}");
    write("stacks/proxmox/demo.json.attrs", "");
    write("locks/organization/proxmox/homelab/a.json.18af.tmp", "{");
    expect(mendBackend(backend, "homelab")).toEqual([]);
    expect(mendBackend("s3://state", "homelab")).toEqual([]);
  });
});
