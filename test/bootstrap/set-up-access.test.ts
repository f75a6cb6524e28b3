import { resolve } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AdminApi } from "../../src/bootstrap/admin-api.ts";
import { setUpAccess, type AccessResult } from "../../src/bootstrap/set-up-access.ts";
import { revokeToken } from "../../src/bootstrap/set-up-token-owner.ts";
import { privilegeNeeds } from "../../src/doctor/needs.ts";
import { deployRole, grantsFor } from "../../src/doctor/roles.ts";
import { deployToken } from "../../src/doctor/token.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { openConnection, type Connection } from "../../src/proxmox/send.ts";
import { trustAuthorities } from "../../src/proxmox/trust.ts";
import { withToken } from "../simulator/clients.ts";

const needs = privilegeNeeds(planHomelab(loadInventory(resolve(import.meta.dirname, "../.."))), 9);

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

function setUp(changes: Partial<Parameters<typeof setUpAccess>[1]> = {}): Promise<AccessResult> {
  return setUpAccess(api, { needs, token: deployToken, tokenWorks: false, rotate: false, ...changes });
}

/** What was changed, of access: everything but logging in. */
function changes(): string[] {
  return simulator.requests
    .filter(({ method, path }) => method !== "GET" && path !== "/access/ticket")
    .map(({ method, path }) => `${method} ${path}`);
}

const everywhere =
  "/, /nodes/pve-01, /nodes/pve-02, /sdn/zones/localnetwork/vmbr0/20, /sdn/zones/localnetwork/vmbr0/30, /sdn/zones/localnetwork/vmbr0/40, /storage and /vms";

describe("an empty cluster", () => {
  test("gets roles, a user without a password, a separated token and permissions for both", async () => {
    const { apiToken, steps } = await setUp();
    expect(steps).toEqual([
      "The role HomelabDeploy was created with 16 privileges.",
      "The role HomelabDeployNodes was created with 2 privileges.",
      "The user homelab@pve was created; it has no password, and cannot log in.",
      "The token homelab@pve!homelab was created.",
      `Permissions were given on ${everywhere}.`,
    ]);
    const { users, acl } = simulator.state.access;
    const user = users["homelab@pve"];
    expect(user).toMatchObject({ enable: true, expire: 0 });
    expect(user).not.toHaveProperty("password");
    expect(user?.tokens["homelab"]).toMatchObject({ privsep: true });
    expect(apiToken).toBe(`homelab@pve!homelab=${user?.tokens["homelab"]?.secret ?? ""}`);
    const given = (type: string) =>
      acl
        .filter((entry) => entry.type === type)
        .map(({ path, roleid: role, propagate }) => ({ path, role, propagate }));
    expect(given("user")).toEqual(grantsFor(needs));
    expect(given("token")).toEqual(grantsFor(needs));
  });

  test("lets the token in, and no further than it needs", async () => {
    const { apiToken = "" } = await setUp();
    const client = withToken(simulator, apiToken);
    expect(await client("GET", "/version")).toMatchObject({ version: "9.2.3" });
    await expect(client("GET", "/access/users/root@pam")).rejects.toMatchObject({ status: 403 });
    await expect(client("POST", "/access/users", { userid: "eve@pve" })).rejects.toMatchObject({ status: 403 });
    await expect(client("POST", "/nodes/pve-01/status", { command: "shutdown" })).rejects.toMatchObject({
      status: 403,
    });
    const guest = {
      vmid: "100",
      ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
      rootfs: "local-zfs:8",
    };
    const onVlan = (tag: number) => ({ ...guest, net0: `name=eth0,bridge=vmbr0,tag=${tag}` });
    await expect(client("POST", "/nodes/pve-01/lxc", onVlan(10))).rejects.toMatchObject({
      status: 403,
      message: "Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)",
    });
    expect(await client("POST", "/nodes/pve-01/lxc", { ...onVlan(20), unprivileged: "1" })).toMatch(/^UPID:/);
  });
});

describe("a second run", () => {
  test("changes nothing, and keeps the token", async () => {
    await setUp();
    const { access } = simulator.state;
    const before = changes();
    expect(await setUp({ tokenWorks: true })).toEqual({ apiToken: undefined, steps: [] });
    expect(changes()).toEqual(before);
    expect(simulator.state.access).toEqual(access);
  });

  test("gives a role what it lacks, and takes what it has too much", async () => {
    await setUp();
    simulator.change(({ access: { roles } }) => {
      roles[deployRole] = ["VM.Audit", "VM.Migrate", "VM.Allocate"];
    });
    const { steps } = await setUp({ tokenWorks: true });
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatch(
      /^The role HomelabDeploy got Datastore\.Allocate, .+ and VM\.PowerMgmt, and lost VM\.Migrate\.$/,
    );
    expect(simulator.state.access.roles[deployRole]).not.toContain("VM.Migrate");
    expect(await setUp({ tokenWorks: true })).toMatchObject({ steps: [] });
  });

  test("takes back permissions that nothing needs any more, and leaves those of others", async () => {
    await setUp();
    await simulator.request("PUT", "/access/acl", {
      path: "/",
      users: "homelab@pve",
      roles: "PVEAuditor",
    });
    const fewer = needs.filter(({ path }) => path !== "/sdn/zones/localnetwork/vmbr0/30");
    expect(await setUp({ needs: fewer, tokenWorks: true })).toEqual({
      apiToken: undefined,
      steps: ["Permissions that nothing needs were taken back: on /sdn/zones/localnetwork/vmbr0/30."],
    });
    const left = simulator.state.access.acl;
    expect(left.filter(({ path }) => path.endsWith("/30"))).toEqual([]);
    expect(left).toContainEqual(expect.objectContaining({ path: "/", roleid: "PVEAuditor", ugid: "homelab@pve" }));
  });

  test("corrects permissions that do not go on to what is below, or are only the user's", async () => {
    await setUp();
    const owner = { users: "homelab@pve", tokens: "homelab@pve!homelab" };
    await simulator.request("PUT", "/access/acl", { path: "/vms", roles: deployRole, ...owner, propagate: "0" });
    const { tokens } = owner;
    await simulator.request("PUT", "/access/acl", { path: "/storage", roles: deployRole, tokens, delete: "1" });
    expect(await setUp({ tokenWorks: true })).toMatchObject({
      steps: ["Permissions were given on /storage and /vms."],
    });
    expect(await setUp({ tokenWorks: true })).toMatchObject({ steps: [] });
  });

  test("gives a token of the same name permissions of its own", async () => {
    await setUp();
    await simulator.request("PUT", "/access/users/homelab@pve/token/homelab", { privsep: "0" });
    expect(await setUp({ tokenWorks: true })).toMatchObject({
      steps: ["The token homelab@pve!homelab has permissions of its own now."],
    });
  });
});

describe("the token", () => {
  test("whose secret the stack does not have is not replaced unasked, and nothing else is changed", async () => {
    await setUp();
    const { access } = simulator.state;
    await expect(setUp({ needs: needs.slice(0, 1) })).rejects.toThrow(
      "The token homelab@pve!homelab exists, and the stack does not have its secret, which nobody can read again. For a new one, which ends the old:\n  npm run bootstrap -- --rotate",
    );
    expect(simulator.state.access).toEqual(access);
  });

  test("is replaced when asked for, and the old one is let in no more", async () => {
    const { apiToken: old = "" } = await setUp();
    const { apiToken = "", steps } = await setUp({ tokenWorks: true, rotate: true });
    expect(steps).toEqual([
      "The token homelab@pve!homelab was replaced: the old secret is void.",
      `Permissions were given on ${everywhere}.`,
    ]);
    expect(apiToken).not.toBe(old);
    await expect(withToken(simulator, old)("GET", "/version")).rejects.toMatchObject({ status: 401 });
    expect(await withToken(simulator, apiToken)("GET", "/nodes/pve-01/disks/list")).toHaveLength(2);
  });

  test("can be taken back, with its permissions", async () => {
    await setUp();
    await revokeToken(api, deployToken);
    expect(simulator.state.access.users["homelab@pve"]?.tokens).toEqual({});
    expect(simulator.state.access.acl.filter(({ type }) => type === "token")).toEqual([]);
  });
});

test("a user whom someone has disabled stays disabled", async () => {
  await setUp();
  await simulator.request("PUT", "/access/users/homelab@pve", { enable: "0" });
  await expect(setUp({ tokenWorks: true })).rejects.toThrow(
    "The user homelab@pve is disabled. If that was not meant to be, on a node as root:\n  pveum user modify homelab@pve --enable 1",
  );
});

test("a wrong password is refused in one sentence", async () => {
  await expect(AdminApi.logIn(connection, "root@pam", "wrong")).rejects.toThrow(
    "Proxmox VE does not let root@pam in with this password: authentication failure.",
  );
});

test("a second factor is not asked for: it says how to go on by hand", () => {
  const answer = { ticket: "PVE:!tfa!…", CSRFPreventionToken: "…", NeedTFA: 1 };
  expect(() => AdminApi.of(connection, "root@pam", answer)).toThrow(
    "root@pam has a second factor, which cannot be asked for here. Do it by hand: npm run bootstrap -- --dry-run prints the commands.",
  );
});
