import { createHash } from "node:crypto";
import { request as httpsRequest } from "node:https";
import type { Simulator } from "@proxmox-homelab/simulator";
import { describe, expect } from "vitest";
import { failDisk } from "../../simulator/src/node/disk-failure.ts";
import { test } from "./simulator-test.ts";

const nas = { storage: "nas", type: "nfs", server: "10.10.0.5", export: "/volume1/pve", content: "backup,iso" };

describe("POST /storage", () => {
  test("adds a storage to storage.cfg with what its plugin adds", async ({ simulator }) => {
    expect(await simulator.request("POST", "/storage", nas)).toEqual({ storage: "nas", type: "nfs" });
    expect(await simulator.request("GET", "/storage/nas")).toEqual({
      storage: "nas",
      type: "nfs",
      server: "10.10.0.5",
      export: "/volume1/pve",
      content: "backup,iso",
      path: "/mnt/pve/nas",
      digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    });
    expect(await simulator.request("GET", "/nodes/pve-02/storage/nas/status")).toMatchObject({ active: 1, shared: 1 });
  });

  test("never returns a password", async ({ simulator }) => {
    const share = { storage: "box", type: "cifs", server: "u1.example.com", share: "backup", username: "u1" };
    await simulator.request("POST", "/storage", { ...share, password: "hunter2", smbversion: "3.11" });
    expect(JSON.stringify(await simulator.request("GET", "/storage"))).not.toContain("hunter2");
    expect(simulator.state.storages["box"]?.secret).toBe("hunter2");
  });

  test.for([
    ["a name in use", { ...nas, storage: "local" }, "create storage failed: storage ID 'local' already defined"],
    [
      "what is missing",
      { ...nas, export: undefined },
      "create storage failed: missing value for required option 'export'",
    ],
    ["what its type does not take", { ...nas, pool: "tank" }, "create storage failed: unexpected property 'pool'"],
    [
      "a pool that is not there",
      { storage: "tank", type: "zfspool", pool: "tank" },
      "create storage failed: zfs error: cannot open 'tank': dataset does not exist",
    ],
    [
      "content that its type can't hold",
      { storage: "zz", type: "zfspool", pool: "rpool/data", content: "iso" },
      "create storage failed: storage does not support content type 'iso'",
    ],
  ] as const)("refuses %s", async ([, parameters, message], { simulator }) => {
    const before = simulator.state;
    const sent = JSON.parse(JSON.stringify(parameters)) as Record<string, string>;
    await expect(simulator.request("POST", "/storage", sent)).rejects.toMatchObject({ status: 500, message });
    expect(simulator.state).toBe(before);
  });
});

test("PUT /storage/{storage} changes, deletes, and refuses what is fixed or stale", async ({ simulator }) => {
  await simulator.request("POST", "/storage", { ...nas, nodes: "pve-01" });
  const { digest } = await simulator.request<{ digest: string }>("GET", "/storage/nas");
  await simulator.request("PUT", "/storage/nas", { content: "backup", delete: "nodes", digest });
  const changed = await simulator.request<object>("GET", "/storage/nas");
  expect(changed).toMatchObject({ content: "backup" });
  expect(changed).not.toHaveProperty("nodes");
  await expect(simulator.request("PUT", "/storage/nas", { content: "iso", digest })).rejects.toMatchObject({
    message: /^update storage failed: detected modified configuration/,
  });
  await expect(simulator.request("PUT", "/storage/nas", { server: "10.0.0.1" })).rejects.toMatchObject({
    message: "update storage failed: can't change value of fixed parameter 'server'",
  });
});

test("DELETE /storage/{storage} forgets it; twice is an error", async ({ simulator }) => {
  await simulator.request("POST", "/storage", nas);
  await simulator.request("DELETE", "/storage/nas");
  await expect(simulator.request("DELETE", "/storage/nas")).rejects.toMatchObject({
    message: "delete storage failed: storage 'nas' does not exist",
  });
});

test("a storage that is restricted to a node is not there on the other", async ({ simulator }) => {
  await simulator.request("POST", "/storage", { ...nas, nodes: "pve-01" });
  await expect(simulator.request("GET", "/nodes/pve-02/storage/nas/content")).rejects.toMatchObject({
    message: "storage 'nas' is not available on node 'pve-02'",
  });
  const names = await simulator.request<{ storage: string }[]>("GET", "/nodes/pve-02/storage");
  expect(names.map(({ storage }) => storage)).toEqual(["local", "local-zfs"]);
});

test("a ZFS storage is as large as its pool leaves it", async ({ simulator, run }) => {
  const status = () =>
    simulator.request<{ total: number; used: number }>("GET", "/nodes/pve-01/storage/local-zfs/status");
  const { total } = await status();
  expect(total).toBeGreaterThan(700 * 2 ** 30);
  expect(total).toBeLessThan(1000 * 10 ** 9);
  const upid = await run("POST", "/nodes/pve-01/lxc", {
    vmid: "101",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-zfs:8",
  });
  expect(upid).toBe("OK");
  expect((await status()).used).toBeGreaterThan(0);
});

test("a pool that has lost its only disk takes its storages along", async ({ simulator }) => {
  simulator.change((state) => {
    failDisk(state, "pve-01", "/dev/nvme0n1");
  });
  const status = (node: string) => simulator.request("GET", `/nodes/${node}/storage/local-zfs/status`);
  expect(await status("pve-01")).toMatchObject({ active: 0, enabled: 1, total: 0 });
  expect(await status("pve-02")).toMatchObject({ active: 1 });
});

describe("files of a storage", () => {
  const content = "/nodes/pve-01/storage/local/content";

  test("POST …/upload keeps a file, with its checksum checked", async ({ simulator, clock }) => {
    const file = Buffer.from("an image");
    const checksum = createHash("sha256").update(file).digest("hex");
    const fields = { content: "iso", checksum, "checksum-algorithm": "sha256" };
    const upid = await upload(simulator, "/nodes/pve-01/storage/local/upload", fields, "talos.iso", file);
    clock.advance(10);
    expect(await status(simulator, upid)).toMatchObject({ exitstatus: "OK" });
    expect(await simulator.request("GET", `${content}?content=iso`)).toEqual([
      {
        volid: "local:iso/talos.iso",
        content: "iso",
        format: "iso",
        size: file.length,
        ctime: expect.any(Number) as number,
      },
    ]);
    const wrong = { ...fields, checksum: "0".repeat(64) };
    const failed = await upload(simulator, "/nodes/pve-01/storage/local/upload", wrong, "other.iso", file);
    clock.advance(10);
    expect(await status(simulator, failed)).toMatchObject({
      exitstatus: `checksum mismatch: got '${checksum}' != expect '${"0".repeat(64)}'`,
    });
  });

  test("POST …/download-url and GET /nodes/{node}/query-url-metadata agree on a file", async ({ simulator, run }) => {
    const url = "https://cloud.example.com/images/debian-13.iso";
    const metadata = await simulator.request<{ filename: string; size: number }>(
      "GET",
      `/nodes/pve-01/query-url-metadata`,
      { url },
    );
    expect(metadata.filename).toBe("debian-13.iso");
    const path = "/nodes/pve-01/storage/local/download-url";
    expect(await run("POST", path, { content: "iso", filename: "debian-13.iso", url })).toBe("OK");
    expect(await simulator.request("GET", `${content}/local:iso/debian-13.iso`)).toMatchObject({
      path: "/var/lib/vz/template/iso/debian-13.iso",
      size: metadata.size,
    });
  });

  test.for([
    [
      { content: "import", filename: "a.qcow2" },
      { status: 500, message: "storage 'local' is not configured for content-type 'import'" },
    ],
    [
      { content: "iso", filename: "a.txt" },
      { status: 400, errors: { filename: "wrong file extension" } },
    ],
  ] as const)("POST …/download-url refuses %j", async ([parameters, refusal], { simulator }) => {
    const sent = { ...parameters, url: "https://example.com/a" };
    await expect(simulator.request("POST", "/nodes/pve-01/storage/local/download-url", sent)).rejects.toMatchObject(
      refusal,
    );
  });

  test("DELETE …/content/{volume} removes a volume, by ID or name", async ({ simulator, run }) => {
    const [first, second] = await simulator.request<{ volid: string }[]>("GET", content);
    expect(await run("DELETE", `${content}/${encodeURIComponent(first?.volid ?? "")}`)).toBe("OK");
    expect(await run("DELETE", `${content}/${second?.volid.replace("local:", "") ?? ""}`)).toBe("OK");
    expect(await simulator.request("GET", content)).toEqual([]);
    await expect(simulator.request("DELETE", `${content}/${first?.volid ?? ""}`)).rejects.toMatchObject({
      status: 500,
    });
  });

  test("POST /nodes/{node}/aplinfo downloads a container template", async ({ simulator, run }) => {
    const templates = await simulator.request<{ template: string }[]>("GET", "/nodes/pve-02/aplinfo");
    const ubuntu = templates.find(({ template }) => template.startsWith("ubuntu"))?.template ?? "";
    expect(await run("POST", "/nodes/pve-02/aplinfo", { storage: "local", template: ubuntu })).toBe("OK");
    const files = await simulator.request<{ volid: string }[]>("GET", "/nodes/pve-02/storage/local/content");
    expect(files.map(({ volid }) => volid)).toContain(`local:vztmpl/${ubuntu}`);
    await expect(
      simulator.request("POST", "/nodes/pve-02/aplinfo", { storage: "local", template: "no" }),
    ).rejects.toMatchObject({
      errors: { template: "no such template" },
    });
  });
});

function status(simulator: Simulator, upid: string): Promise<object> {
  return simulator.request("GET", `/nodes/pve-01/tasks/${upid}/status`);
}

function upload(
  { url, ca, apiToken }: Simulator,
  path: string,
  fields: Readonly<Record<string, string>>,
  filename: string,
  file: Buffer,
): Promise<string> {
  const boundary = "----simulator";
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="filename"; filename="${filename}"\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(parts.join("") + head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const headers = {
    authorization: `PVEAPIToken=${apiToken}`,
    "content-type": `multipart/form-data; boundary=${boundary}`,
    "content-length": String(body.length),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      new URL(`/api2/json${path}`, url),
      { method: "POST", ca, headers, agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          resolve((JSON.parse(text) as { data: string }).data);
        });
      },
    );
    outgoing.on("error", reject).end(body);
  });
}

describe("DELETE /storage/{storage}", () => {
  test("takes the permissions on it along, and no others", async ({ simulator }) => {
    await simulator.request("POST", "/storage", { storage: "nas", type: "dir", path: "/nas" });
    await simulator.request("POST", "/access/users", { userid: "anna@pve" });
    for (const path of ["/storage/nas", "/storage/local", "/storage"]) {
      await simulator.request("PUT", "/access/acl", { path, users: "anna@pve", roles: "PVEDatastoreUser" });
    }
    await simulator.request("DELETE", "/storage/nas");
    expect(simulator.state.access.acl.map(({ path }) => path).sort()).toEqual(["/storage", "/storage/local"]);
  });
});
