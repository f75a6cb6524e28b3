import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { withToken, type Client } from "./clients.ts";
import { test } from "./simulator-test.ts";

const container = {
  hostname: "grafana",
  ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  rootfs: "local-zfs:8",
  memory: "1024",
};

type Run = (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<string>;

async function createContainer(run: Run, vmid: string): Promise<void> {
  expect(await run("POST", "/nodes/pve-01/lxc", { ...container, vmid })).toBe("OK");
}

async function refusal(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => "accepted",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** A client that has only these privileges on these paths. */
async function clientWith(simulator: Simulator, acl: Readonly<Record<string, string>>): Promise<Client> {
  const { request } = simulator;
  await request("POST", "/access/users", { userid: "alice@pve" });
  const { value } = await request<{ value: string }>("POST", "/access/users/alice@pve/token/test", { privsep: "0" });
  for (const [index, [path, privs]] of Object.entries(acl).entries()) {
    await request("POST", "/access/roles", { roleid: `role${index}`, privs });
    await request("PUT", "/access/acl", { path, users: "alice@pve", roles: `role${index}` });
  }
  return withToken(simulator, `alice@pve!test=${value}`);
}

test("POST /pools, GET /pools and GET /pools/{poolid}", async ({ simulator: { request } }) => {
  await request("POST", "/pools", { poolid: "web", comment: "what faces the world" });
  await request("POST", "/pools", { poolid: "db" });
  expect(await request("GET", "/pools")).toEqual([
    { poolid: "db" },
    { poolid: "web", comment: "what faces the world" },
  ]);
  expect(await request("GET", "/pools", { poolid: "web" })).toEqual([
    { poolid: "web", comment: "what faces the world", members: [] },
  ]);
  expect(await request("GET", "/pools/db")).toEqual({ members: [] });
});

describe("POST /pools", () => {
  test("refuses a pool that exists, and one whose parent does not", async ({ simulator: { request } }) => {
    await request("POST", "/pools", { poolid: "web" });
    await expect(request("POST", "/pools", { poolid: "web" })).rejects.toMatchObject({
      status: 500,
      message: "create pool failed: pool 'web' already exists",
    });
    await expect(request("POST", "/pools", { poolid: "db/main" })).rejects.toMatchObject({
      status: 500,
      message: "create pool failed: parent 'db' of pool 'db/main' does not exist",
    });
    await request("POST", "/pools", { poolid: "web/public" });
    expect(await request("GET", "/pools", { poolid: "web/public" })).toEqual([{ poolid: "web/public", members: [] }]);
  });

  test.for([
    ["a b", "invalid format - pool name 'a b' contains invalid characters"],
    ["a/b/c/d", "invalid format - pool name 'a/b/c/d' nested too deeply (max levels = 3)"],
  ])("refuses the name %s", async ([poolid, problem], { simulator: { request } }) => {
    await expect(request("POST", "/pools", { poolid: String(poolid) })).rejects.toMatchObject({
      status: 400,
      errors: { poolid: problem },
    });
  });
});

describe("PUT /pools", () => {
  test("adds and removes guests and storages", async ({ simulator: { request }, run }) => {
    await createContainer(run, "101");
    await request("POST", "/pools", { poolid: "web" });
    await request("PUT", "/pools", { poolid: "web", vms: "101", storage: "local,local-zfs", comment: "new" });
    const [pool] = await request<{ members: unknown[] }[]>("GET", "/pools", { poolid: "web" });
    expect(pool).toMatchObject({
      comment: "new",
      members: [
        { id: "lxc/101", type: "lxc", vmid: 101, node: "pve-01", name: "grafana", status: "stopped", maxmem: 2 ** 30 },
        { id: "storage/pve-01/local", type: "storage", storage: "local", node: "pve-01", plugintype: "dir" },
        { id: "storage/pve-01/local-zfs", type: "storage", storage: "local-zfs", status: "available" },
      ],
    });
    expect(await request("GET", "/pools/web", { type: "lxc" })).toMatchObject({ members: [{ id: "lxc/101" }] });
    expect(await request("GET", "/pools/web", { type: "qemu" })).toEqual({ comment: "new", members: [] });
    await request("PUT", "/pools/web", { vms: "101", storage: "local,local-zfs", delete: "1", comment: "" });
    expect(await request("GET", "/pools", { poolid: "web" })).toEqual([{ poolid: "web", members: [] }]);
  });

  test("has storages that are in several pools, with what each pool allows", async ({ simulator }) => {
    const { request } = simulator;
    for (const poolid of ["web", "db"]) {
      await request("POST", "/pools", { poolid });
      await request("PUT", "/pools", { poolid, storage: "local" });
      expect(await request("GET", `/pools/${poolid}`)).toMatchObject({ members: [{ storage: "local" }] });
    }
    expect(await refusal(request("PUT", "/pools", { poolid: "db", storage: "local" }))).toBe(
      "update pools failed: Storage 'local' is already a pool member",
    );
    const alice = await clientWith(simulator, {
      "/pool/web": "Datastore.Audit",
      "/pool/db": "Datastore.AllocateSpace",
    });
    expect(await alice("GET", "/access/permissions", { path: "/storage/local" })).toMatchObject({
      "/storage/local": { "Datastore.Audit": 0, "Datastore.AllocateSpace": 0 },
    });
    await request("PUT", "/pools", { poolid: "web", storage: "local", delete: "1" });
    expect(await request("GET", "/pools/web")).toEqual({ members: [] });
    expect(await request("GET", "/pools/db")).toMatchObject({ members: [{ storage: "local" }] });
  });

  test("takes members that are not there, which are in it once they are", async ({ simulator: { request }, run }) => {
    for (const poolid of ["web", "db"]) await request("POST", "/pools", { poolid });
    await request("PUT", "/pools", { poolid: "web", vms: "101,102", storage: "nas" });
    expect(await request("GET", "/pools/web")).toEqual({ members: [] });
    expect(await refusal(request("PUT", "/pools", { poolid: "web", vms: "101" }))).toBe(
      "update pools failed: VM 101 is already a pool member",
    );
    expect(await refusal(request("PUT", "/pools", { poolid: "db", vms: "101" }))).toBe(
      "update pools failed: VM 101 belongs already to pool 'web' and 'allow-move' is not set",
    );
    await request("PUT", "/pools", { poolid: "web", vms: "102", delete: "1" });
    for (const vmid of ["101", "102"]) await createContainer(run, vmid);
    await request("POST", "/storage", { storage: "nas", type: "dir", path: "/nas" });
    expect(await request("GET", "/pools/web")).toMatchObject({ members: [{ vmid: 101 }, { storage: "nas" }] });
    await request("PUT", "/pools", { poolid: "web", vms: "101", storage: "nas", delete: "1" });
    await request("DELETE", "/pools", { poolid: "web" });
  });

  test("moves a guest to another pool only when it may", async ({ simulator: { request }, run }) => {
    await createContainer(run, "101");
    for (const poolid of ["web", "db"]) await request("POST", "/pools", { poolid });
    await request("PUT", "/pools", { poolid: "web", vms: "101" });
    expect(await refusal(request("PUT", "/pools", { poolid: "web", vms: "101" }))).toBe(
      "update pools failed: VM 101 is already a pool member",
    );
    expect(await refusal(request("PUT", "/pools", { poolid: "db", vms: "101" }))).toBe(
      "update pools failed: VM 101 belongs already to pool 'web' and 'allow-move' is not set",
    );
    await request("PUT", "/pools", { poolid: "db", vms: "101", "allow-move": "1" });
    expect(await request("GET", "/pools", { poolid: "db" })).toMatchObject([{ members: [{ vmid: 101 }] }]);
    expect(await request("GET", "/pools", { poolid: "web" })).toMatchObject([{ members: [] }]);
  });

  test("refuses what is no member, and a pool that is not there", async ({ simulator: { request } }) => {
    await request("POST", "/pools", { poolid: "web" });
    expect(await refusal(request("PUT", "/pools", { poolid: "web", vms: "101", delete: "1" }))).toBe(
      "update pools failed: VM 101 is not a pool member",
    );
    expect(await refusal(request("PUT", "/pools", { poolid: "web", storage: "local", delete: "1" }))).toBe(
      "update pools failed: Storage 'local' is not a pool member",
    );
    expect(await refusal(request("PUT", "/pools", { poolid: "db" }))).toBe(
      "update pools failed: pool 'db' does not exist",
    );
  });

  test("asks for a privilege on each member", async ({ simulator, run }) => {
    await createContainer(run, "101");
    await simulator.request("POST", "/pools", { poolid: "web" });
    const alice = await clientWith(simulator, { "/pool/web": "Pool.Allocate" });
    await expect(alice("PUT", "/pools", { poolid: "web", vms: "101" })).rejects.toMatchObject({
      status: 500,
      message: "update pools failed: 403 Permission check failed (/vms/101, Permissions.Modify|VM.Allocate)",
    });
    await alice("PUT", "/pools", { poolid: "web", comment: "mine" });
  });
});

describe("DELETE /pools", () => {
  test("refuses a pool with anything in it", async ({ simulator: { request }, run }) => {
    await createContainer(run, "101");
    for (const poolid of ["web", "webs", "web/public"]) await request("POST", "/pools", { poolid });
    await request("PUT", "/pools", { poolid: "web", vms: "101", storage: "local" });
    const remove = () => refusal(request("DELETE", "/pools", { poolid: "web" }));
    expect(await remove()).toBe("delete pool failed: pool 'web' is not empty (contains pool 'web/public')");
    await request("DELETE", "/pools", { poolid: "web/public" });
    expect(await remove()).toBe("delete pool failed: pool 'web' is not empty (contains VM 101)");
    await request("PUT", "/pools", { poolid: "web", vms: "101", delete: "1" });
    expect(await remove()).toBe("delete pool failed: pool 'web' is not empty (contains storage 'local')");
    await request("PUT", "/pools", { poolid: "web", storage: "local", delete: "1" });
    expect(await remove()).toBe("accepted");
    expect(await request("GET", "/pools")).toEqual([{ poolid: "webs" }]);
  });

  test("takes the permissions on the pool with it", async ({ simulator: { request } }) => {
    await request("POST", "/pools", { poolid: "web" });
    await request("PUT", "/access/acl", { path: "/pool/web", users: "root@pam", roles: "PVEAdmin" });
    await request("DELETE", "/pools/web");
    expect(await request("GET", "/access/acl")).toEqual([]);
  });

  test("and others say of one that is gone that it does not exist", async ({ simulator: { request } }) => {
    expect(await refusal(request("DELETE", "/pools", { poolid: "web" }))).toBe(
      "delete pool failed: pool 'web' does not exist",
    );
    await expect(request("GET", "/pools", { poolid: "web" })).rejects.toMatchObject({
      status: 500,
      message: "pool 'web' does not exist",
    });
    expect(await refusal(request("GET", "/pools/web"))).toBe("pool 'web' does not exist");
  });
});

test("GET /pools leaves out what one may not see", async ({ simulator }) => {
  for (const poolid of ["web", "db"]) await simulator.request("POST", "/pools", { poolid });
  const alice = await clientWith(simulator, { "/pool/web": "Pool.Audit" });
  expect(await alice("GET", "/pools")).toEqual([{ poolid: "web" }]);
  await expect(alice("GET", "/pools", { poolid: "db" })).rejects.toMatchObject({
    status: 403,
    message: "Permission check failed (/pool/db, Pool.Audit)",
  });
});
