import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { test } from "./simulator-test.ts";

const nas = { storage: "nas", type: "nfs", server: "10.10.0.5", export: "/volume1/pve", content: "iso" };
const folder = { storage: "files", type: "dir", path: "/srv/files", content: "iso" };
const url = "https://example.com/debian.iso";

describe("what is on a storage whose entry goes", () => {
  test.for([
    ["a share", nas, { export: "/volume2/pve" }],
    ["a folder of each node", folder, { path: "/srv/others" }],
  ] as const)("stays at its location: %s", async ([, entry, elsewhere], { simulator, run }) => {
    const { storage } = entry;
    const download = { content: "iso", filename: "debian.iso", url };
    await simulator.request("POST", "/storage", entry);
    await run("POST", `/nodes/pve-01/storage/${storage}/download-url`, download);
    await simulator.request("DELETE", `/storage/${storage}`);

    await simulator.request("POST", "/storage", { ...entry, ...elsewhere });
    expect(await contentOf(simulator, storage)).toEqual([]);
    await simulator.request("DELETE", `/storage/${storage}`);

    await simulator.request("POST", "/storage", { ...entry, storage: "again" });
    expect(await contentOf(simulator, "again")).toEqual(["again:iso/debian.iso"]);
  });

  test("is shown by another entry that is there for the same location", async ({ simulator, run }) => {
    await simulator.request("POST", "/storage", nas);
    await run("POST", "/nodes/pve-01/storage/nas/download-url", { content: "iso", filename: "debian.iso", url });
    await simulator.request("POST", "/storage", { ...nas, storage: "vault" });
    await simulator.request("DELETE", "/storage/nas");
    expect(await contentOf(simulator, "vault")).toEqual(["vault:iso/debian.iso"]);
  });
});

describe("a download that finds a file of its name", () => {
  const checksum = "a".repeat(64);
  const download = { content: "iso", filename: "debian.iso", url };

  test.for([
    ["without a checksum, refuses", {}, "refusing to override existing file '/var/lib/vz/template/iso/debian.iso'"],
    ["with the same checksum, leaves it", { checksum, "checksum-algorithm": "sha256" }, "OK"],
    [
      "with another checksum, refuses",
      { checksum: "b".repeat(64), "checksum-algorithm": "sha256" },
      `checksum mismatch: got '${checksum}' != expect '${"b".repeat(64)}', aborting`,
    ],
  ] as const)("%s", async ([, parameters, ends], { simulator, run }) => {
    const path = "/nodes/pve-01/storage/local/download-url";
    await run("POST", path, { ...download, checksum, "checksum-algorithm": "sha256" });
    const before = simulator.state.volumes;
    expect(await run("POST", path, { ...download, ...parameters })).toBe(ends);
    expect(simulator.state.volumes).toBe(before);
  });
});

async function contentOf(simulator: Simulator, storage: string): Promise<string[]> {
  const content = await simulator.request<{ volid: string }[]>("GET", `/nodes/pve-01/storage/${storage}/content`);
  return content.map(({ volid }) => volid);
}
