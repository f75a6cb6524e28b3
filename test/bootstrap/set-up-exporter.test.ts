import { X509Certificate } from "node:crypto";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { AdminApi } from "../../src/bootstrap/admin-api.ts";
import { readClusterAuthority } from "../../src/bootstrap/find-authority.ts";
import { setUpExporter } from "../../src/bootstrap/set-up-exporter.ts";
import { openConnection, type Connection } from "../../src/proxmox/send.ts";
import { trustAuthorities } from "../../src/proxmox/trust.ts";
import { withToken } from "../simulator/clients.ts";

let simulator: Simulator;
let connection: Connection;
let api: AdminApi;

beforeAll(async () => {
  simulator = await startSimulator();
});

beforeEach(async () => {
  simulator.reset();
  connection = openConnection(simulator.url, trustAuthorities(simulator.ca));
  api = await AdminApi.logIn(connection, simulator.username, simulator.password);
});

afterEach(() => {
  connection.agent.destroy();
});

afterAll(() => simulator.close());

const id = "homelab-exporter@pve!prometheus";

function client(secret = ""): ReturnType<typeof withToken> {
  return withToken(simulator, `${id}=${secret}`);
}

test("the exporter's token reads the whole cluster, and writes nothing", async () => {
  const { secret, steps } = await setUpExporter(api, { tokenWorks: false, rotate: false });
  expect(steps).toEqual([
    "The user homelab-exporter@pve was created; it has no password, and cannot log in.",
    `The token ${id} was created.`,
    "Permissions were given on /.",
  ]);
  await simulator.request("POST", "/nodes/pve-01/lxc", {
    vmid: "100",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-zfs:8",
  });
  const resources = await client(secret)("GET", "/cluster/resources");
  expect(resources).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: "node", node: "pve-01" }),
      expect.objectContaining({ type: "lxc", vmid: 100 }),
      expect.objectContaining({ type: "storage", storage: "local" }),
    ]),
  );
  for (const [method, path] of [
    ["POST", "/pools"],
    ["POST", "/nodes/pve-01/lxc/100/status/start"],
    ["DELETE", "/nodes/pve-01/lxc/100"],
  ] as const)
    await expect(client(secret)(method, path, path === "/pools" ? { poolid: "x" } : {})).rejects.toMatchObject({
      status: 403,
    });
});

test("a second run keeps it, unless a new secret is asked for", async () => {
  const { secret: old } = await setUpExporter(api, { tokenWorks: false, rotate: false });
  expect(await setUpExporter(api, { tokenWorks: true, rotate: false })).toEqual({ secret: undefined, steps: [] });
  await expect(setUpExporter(api, { tokenWorks: false, rotate: false })).rejects.toThrow(
    `The token ${id} exists, and the stack does not have its secret, which nobody can read again. For a new one, which ends the old:\n  npm run bootstrap -- --rotate`,
  );
  const { secret, steps } = await setUpExporter(api, { tokenWorks: true, rotate: true });
  expect(steps).toEqual([`The token ${id} was replaced: the old secret is void.`, "Permissions were given on /."]);
  await expect(client(old)("GET", "/version")).rejects.toMatchObject({ status: 401 });
  expect(await client(secret)("GET", "/version")).toMatchObject({ version: "9.2.3" });
});

test("permissions that somebody took away are given again, and those of others stay", async () => {
  await setUpExporter(api, { tokenWorks: false, rotate: false });
  await simulator.request("PUT", "/access/acl", { path: "/", tokens: id, roles: "PVEAuditor", delete: "1" });
  await simulator.request("PUT", "/access/acl", { path: "/vms", users: "homelab-exporter@pve", roles: "PVEVMUser" });
  expect(await setUpExporter(api, { tokenWorks: true, rotate: false })).toMatchObject({
    steps: ["Permissions were given on /."],
  });
  expect(simulator.state.access.acl).toContainEqual(expect.objectContaining({ path: "/vms", roleid: "PVEVMUser" }));
});

test("the cluster's authority is the one that has signed what its nodes show", async () => {
  const authority = new X509Certificate(await readClusterAuthority(api));
  expect(authority.fingerprint256).toBe(new X509Certificate(simulator.ca).fingerprint256);
});
