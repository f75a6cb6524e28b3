import { expect, test } from "vitest";
import { examineGuests } from "../../src/adopt/examine-guests.ts";
import type { Reading } from "../../src/proxmox/read-api.ts";

const found = { kind: "there" } as const;
const container = {
  ...{ urn: "", type: "", name: "grafana", word: "container", found },
  inputs: { nodeName: "pve-01", vmId: 20010, initialization: { hostname: "grafana" } },
};
const machine = {
  ...{ urn: "", type: "", name: "gitlab", word: "machine", found },
  inputs: { nodeName: "pve-01", vmId: 20030, name: "gitlab" },
};
const storage = { urn: "", type: "", name: "nas", word: "storage", inputs: {}, found };

function examine(configs: Readonly<Record<string, object>>): Promise<string[]> {
  const read = (path: string) => Promise.resolve({ kind: "read", value: configs[path] });
  return examineGuests({ read: read as <T>() => Promise<Reading<T>> }, [container, machine, storage]);
}

test("guests that have their names and no lock are what a run has created", async () => {
  const configs = {
    "/nodes/pve-01/lxc/20010/config": { hostname: "grafana" },
    "/nodes/pve-01/qemu/20030/config": { name: "gitlab" },
  };
  expect(await examine(configs)).toEqual([]);
});

test("a guest of another name is nobody's to take, and a half made one is to be removed", async () => {
  const configs = {
    "/nodes/pve-01/lxc/20010/config": { hostname: "grafana", lock: "create" },
    "/nodes/pve-01/qemu/20030/config": { name: "windows" },
  };
  expect(await examine(configs)).toEqual([
    "container grafana: VMID 20010 is half made: pve-01 was interrupted while it created it, and has left it locked. Nothing can be in it yet. Remove it on the node, and begin again:\n  pct unlock 20010 && pct destroy 20010 --purge",
    "machine gitlab: VMID 20030 on pve-01 is windows, which is none of ours. Give gitlab another vmid in the inventory.",
  ]);
});
