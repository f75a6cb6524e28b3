import fc from "fast-check";
import { describe, expect, test as plainTest } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { permissionsOn } from "../../simulator/src/access/permissions.ts";
import { builtInRoles, privileges } from "../../simulator/src/access/roles.ts";
import type { AclEntry } from "../../simulator/src/state/access.ts";
import { emptyFirewall, type ClusterState } from "../../simulator/src/state/cluster.ts";
import type { Guest } from "../../simulator/src/state/guest.ts";
import { defaultSeed } from "../../simulator/src/state/seed.ts";
import { logIn, withToken, type Client } from "./clients.ts";
import { test } from "./simulator-test.ts";

const node = "/nodes/pve-01";

function container(vmid: number, pool?: string): Guest {
  return {
    vmid,
    type: "lxc",
    node: "pve-01",
    status: "stopped",
    config: { hostname: `ct${vmid}` },
    snapshots: {},
    pending: {},
    firewall: emptyFirewall(),
    inside: { hostname: `ct${vmid}`, files: {}, packages: {}, services: {}, agent: false, executions: {} },
    ...(pool === undefined ? {} : { pool }),
  };
}

/** A simulator with alice@pve, and containers 100, 101 and 102, of which the last one is in the pool `lab`. */
async function withAlice(simulator: Simulator): Promise<void> {
  simulator.change((state) => {
    state.pools["lab"] = {};
    for (const guest of [container(100), container(101), container(102, "lab")]) state.guests[guest.vmid] = guest;
  });
  await simulator.request("POST", "/access/users", { userid: "alice@pve", password: "correct horse" });
}

/** A client with a new token of alice's. */
async function aliceToken(simulator: Simulator, privsep: "0" | "1"): Promise<Client> {
  const path = "/access/users/alice@pve/token/laptop";
  const { value } = await simulator.request<{ value: string }>("POST", path, { privsep });
  return withToken(simulator, `alice@pve!laptop=${value}`);
}

function allow(simulator: Simulator, path: string, roles: string, more: Record<string, string> = {}): Promise<unknown> {
  return simulator.request("PUT", "/access/acl", { path, roles, users: "alice@pve", ...more });
}

/** What everyone gets who lacks a privilege. */
function denied(what?: string) {
  return { status: 403, message: `Permission check failed${what === undefined ? "" : ` (${what})`}` };
}

describe("a role on a path", () => {
  test("lets a token read one guest and nothing else", async ({ simulator }) => {
    await withAlice(simulator);
    await allow(simulator, "/vms/100", "PVEVMUser");
    const client = await aliceToken(simulator, "0");
    expect(await client("GET", `${node}/lxc/100/config`)).toMatchObject({ hostname: "ct100" });
    await expect(client("GET", `${node}/lxc/101/config`)).rejects.toMatchObject(denied("/vms/101, VM.Audit"));
    await expect(client("DELETE", `${node}/lxc/100`)).rejects.toMatchObject(denied("/vms/100, VM.Allocate"));
    await expect(client("GET", "/access/groups/family")).rejects.toMatchObject(
      denied("/access/groups, Sys.Audit|Group.Allocate"),
    );
  });

  test("goes on to what is below, unless it is told not to", async ({ simulator }) => {
    await withAlice(simulator);
    const client = await aliceToken(simulator, "0");
    await allow(simulator, "/vms", "PVEAuditor", { propagate: "0" });
    await expect(client("GET", `${node}/lxc/100/config`)).rejects.toMatchObject(denied("/vms/100, VM.Audit"));
    await allow(simulator, "/vms", "PVEAuditor");
    await client("GET", `${node}/lxc/100/config`);
  });

  test("further down replaces what comes from above, and NoAccess ends it", async ({ simulator }) => {
    await withAlice(simulator);
    const client = await aliceToken(simulator, "0");
    await allow(simulator, "/", "PVEAdmin");
    await allow(simulator, "/vms/100", "PVEVMUser");
    await allow(simulator, "/vms/101", "NoAccess");
    await expect(client("DELETE", `${node}/lxc/100`)).rejects.toMatchObject(denied("/vms/100, VM.Allocate"));
    await expect(client("GET", `${node}/lxc/101/config`)).rejects.toMatchObject(denied("/vms/101, VM.Audit"));
    await client("GET", `${node}/lxc/102/config`);
  });

  test("of the user's own counts before those of the groups", async ({ simulator }) => {
    await withAlice(simulator);
    await simulator.request("POST", "/access/groups", { groupid: "family" });
    await simulator.request("PUT", "/access/users/alice@pve", { groups: "family" });
    await simulator.request("PUT", "/access/acl", { path: "/vms", groups: "family", roles: "PVEVMAdmin" });
    const { client } = await logIn(simulator, "alice@pve", "correct horse");
    const ask = () => client<Record<string, object>>("GET", "/access/permissions", { path: "/vms/100" });
    expect((await ask())["/vms/100"]).toHaveProperty(["VM.Allocate"], 1);
    await allow(simulator, "/vms", "PVETemplateUser");
    expect(await ask()).toEqual({ "/vms/100": { "VM.Audit": 1, "VM.Clone": 1 } });
  });
});

test("a token with privilege separation has what both it and its user have", async ({ simulator }) => {
  await withAlice(simulator);
  const client = await aliceToken(simulator, "1");
  await allow(simulator, "/vms", "PVEVMUser");
  await expect(client("GET", `${node}/lxc/100/config`)).rejects.toMatchObject(denied("/vms/100, VM.Audit"));
  await allow(simulator, "/vms/100", "PVETemplateUser", { users: "", tokens: "alice@pve!laptop", propagate: "0" });
  await client("GET", `${node}/lxc/100/config`);
  expect(await client("GET", "/access/permissions")).toEqual({
    "/vms/100": { "VM.Audit": 0 },
  });
  await simulator.request("PUT", "/access/users/alice@pve/token/laptop", { privsep: "0" });
  expect(Object.keys(await client<object>("GET", "/access/permissions"))).toEqual(["/vms", "/vms/100", "/vms/102"]);
});

test("a role on a pool is one on its members", async ({ simulator }) => {
  await withAlice(simulator);
  const client = await aliceToken(simulator, "0");
  await allow(simulator, "/pool/lab", "PVEVMUser");
  await client("GET", `${node}/lxc/102/config`);
  await expect(client("GET", `${node}/lxc/101/config`)).rejects.toMatchObject(denied("/vms/101, VM.Audit"));
  expect(await client("GET", "/access/permissions", { path: "/vms/102" })).toMatchObject({
    "/vms/102": { "VM.Audit": 0 },
  });
  await allow(simulator, "/vms/102", "NoAccess");
  await expect(client("GET", `${node}/lxc/102/config`)).rejects.toMatchObject(denied("/vms/102, VM.Audit"));
});

test("what no privilege is for, only the administrator may do, and no token of theirs", async ({ simulator }) => {
  const wipe = [`PUT`, `${node}/disks/wipedisk`, { disk: "/dev/nonsense" }] as const;
  await expect(simulator.request(...wipe)).rejects.toMatchObject(denied("user != root@pam"));
  const { client } = await logIn(simulator, simulator.username, simulator.password);
  await expect(client(...wipe)).rejects.not.toMatchObject({ status: 403 });
});

describe("who may change permissions", () => {
  test("PUT /access/acl needs Permissions.Modify, or to allocate what is there", async ({ simulator }) => {
    await withAlice(simulator);
    await simulator.request("POST", "/access/users", { userid: "bob@pve" });
    const client = await aliceToken(simulator, "0");
    const give = (path: string, roles: string, more: Record<string, string> = {}) =>
      client("PUT", "/access/acl", { path, roles, users: "bob@pve", ...more });
    await expect(give("/vms/100", "PVEVMUser")).rejects.toMatchObject(
      denied("/vms/100, Permissions.Modify|VM.Allocate"),
    );
    await expect(give("/nodes", "PVEAuditor")).rejects.toMatchObject(denied("/nodes, Permissions.Modify"));
    await allow(simulator, "/vms/100", "PVEVMAdmin", { propagate: "0" });
    await give("/vms/100", "PVEVMUser", { propagate: "0" });
    await expect(give("/vms/100", "PVEVMUser")).rejects.toMatchObject({
      status: 500,
      message: expect.stringMatching(
        /^ACL update failed: 400 Parameter verification failed\.\s+role: Cannot add role 'PVEVMUser' with propagation -/,
      ) as string,
    });
    await expect(give("/vms/100", "PVEAdmin", { propagate: "0" })).rejects.toMatchObject({
      message: expect.stringContaining(
        "Cannot add role 'PVEAdmin' - requires 'Permissions.Modify' or superset",
      ) as string,
    });
    await expect(give("/vms/100", "NoAccess", { delete: "1" })).rejects.toMatchObject({
      message: expect.stringContaining("Cannot remove role 'NoAccess' - requires 'Permissions.Modify'") as string,
    });
    expect(await client("GET", "/access/acl")).toEqual([
      { path: "/vms/100", type: "user", ugid: "alice@pve", roleid: "PVEVMAdmin", propagate: 0 },
      { path: "/vms/100", type: "user", ugid: "bob@pve", roleid: "PVEVMUser", propagate: 0 },
    ]);
  });
});

describe("who may manage users", () => {
  test("with a group: its members, and new ones in it", async ({ simulator }) => {
    await withAlice(simulator);
    for (const groupid of ["family", "guests"]) await simulator.request("POST", "/access/groups", { groupid });
    await simulator.request("POST", "/access/users", { userid: "bob@pve", groups: "family" });
    await allow(simulator, "/access/groups/family", "PVEUserAdmin");
    const { client } = await logIn(simulator, "alice@pve", "correct horse");
    const create = (parameters: Record<string, string>) =>
      client("POST", "/access/users", { userid: "carol@pve", ...parameters });

    await expect(create({ groups: "family" })).rejects.toMatchObject(denied("/access/realm/pve, Realm.AllocateUser"));
    await allow(simulator, "/access/realm/pve", "PVEUserAdmin");
    await expect(create({})).rejects.toMatchObject(denied("/access/groups, User.Modify"));
    await expect(create({ groups: "family,guests" })).rejects.toMatchObject(
      denied("/access/groups/guests, User.Modify"),
    );
    await create({ groups: "family" });

    const list = await client<{ userid: string }[]>("GET", "/access/users");
    expect(list.map(({ userid }) => userid)).toEqual(["alice@pve", "bob@pve", "carol@pve"]);
    expect(await client("GET", "/access/groups")).toEqual([{ groupid: "family", users: "bob@pve,carol@pve" }]);
    await client("PUT", "/access/users/bob@pve", { groups: "family", comment: "mine" });
    await client("DELETE", "/access/users/carol@pve");
    await expect(client("GET", "/access/users/root@pam")).rejects.toMatchObject(denied());
    await expect(client("DELETE", "/access/users/root@pam")).rejects.toMatchObject(
      denied("/access/realm/pam, Realm.AllocateUser"),
    );
  });

  test("without anything: oneself", async ({ simulator }) => {
    await withAlice(simulator);
    const { client } = await logIn(simulator, "alice@pve", "correct horse");
    const { value } = await client<{ value: string }>("POST", "/access/users/alice@pve/token/laptop", { privsep: "0" });
    await expect(client("GET", "/access/users/root@pam/token")).rejects.toMatchObject(denied());
    expect(await client("GET", "/access/permissions", { userid: "alice@pve!laptop" })).toEqual({});
    await expect(client("GET", "/access/permissions", { userid: "root@pam" })).rejects.toMatchObject(
      denied("/access, Sys.Audit"),
    );
    // A token is not its user.
    const token = withToken(simulator, `alice@pve!laptop=${value}`);
    await expect(token("DELETE", "/access/users/alice@pve/token/laptop")).rejects.toMatchObject(denied());
    expect(await token("GET", "/access/users")).toEqual([]);
  });
});

describe("GET /access/permissions", () => {
  test("of the administrator is everything, everywhere", async ({ simulator }) => {
    const all = await simulator.request<Record<string, Record<string, number>>>("GET", "/access/permissions");
    expect(Object.keys(all)).toEqual(["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"]);
    expect(all["/vms"]).toEqual(Object.fromEntries(privileges.map((privilege) => [privilege, 1])));
  });

  test("of someone without any is empty, on one path too", async ({ simulator }) => {
    await withAlice(simulator);
    const parameters = { userid: "alice@pve" };
    expect(await simulator.request("GET", "/access/permissions", parameters)).toEqual({});
    expect(await simulator.request("GET", "/access/permissions", { ...parameters, path: "/vms/100" })).toEqual({
      "/vms/100": {},
    });
  });
});

describe("the evaluation of permissions", () => {
  const paths = ["/", "/vms", "/vms/100", "/vms/102", "/pool", "/pool/lab", "/storage", "/storage/local", "/nodes"];
  const [user, token, group] = ["alice@pve", "alice@pve!laptop", "family"] as const;

  const subject = fc.constantFrom(
    { type: "user", ugid: user } as const,
    { type: "user", ugid: "bob@pve" } as const,
    { type: "token", ugid: token } as const,
    { type: "group", ugid: group } as const,
    { type: "group", ugid: "guests" } as const,
  );
  const entry: fc.Arbitrary<AclEntry> = fc
    .record({
      subject,
      path: fc.constantFrom(...paths),
      roleid: fc.constantFrom("Mine", "Gone", ...Object.keys(builtInRoles)),
      propagate: fc.boolean(),
    })
    .map(({ subject: who, ...rest }) => ({ ...who, ...rest }));
  const acl = fc.array(entry, { maxLength: 8 });
  const path = fc.constantFrom(...paths, "/vms/101", "/nodes/pve-01");

  function cluster(entries: readonly AclEntry[], privsep = true): ClusterState {
    const state = defaultSeed();
    state.guests = { 100: container(100), 102: container(102, "lab") };
    state.pools = { lab: {} };
    state.access.roles = { Mine: ["VM.Audit", "VM.Console", "Sys.Audit"] };
    state.access.groups = { [group]: { members: [user] }, guests: { members: [user, "bob@pve"] } };
    state.access.users[user] = {
      enable: true,
      expire: 0,
      tokens: { laptop: { secret: "", privsep, expire: 0 } },
    };
    state.access.acl = [...entries];
    return state;
  }

  plainTest("a token never has more than its user", () => {
    fc.assert(
      fc.property(acl, path, fc.boolean(), (entries, where, privsep) => {
        const state = cluster(entries, privsep);
        const ofUser = permissionsOn(state, user, where);
        for (const [privilege, propagate] of permissionsOn(state, token, where)) {
          expect(ofUser.has(privilege)).toBe(true);
          if (propagate) expect(ofUser.get(privilege)).toBe(true);
        }
      }),
    );
  });

  plainTest("a token without privilege separation has exactly what its user has", () => {
    fc.assert(
      fc.property(acl, path, (entries, where) => {
        const state = cluster(entries, false);
        expect(permissionsOn(state, token, where)).toEqual(permissionsOn(state, user, where));
      }),
    );
  });

  plainTest("a token that is not there has nothing", () => {
    fc.assert(
      fc.property(acl, path, fc.constantFrom("other", "constructor", "__proto__"), (entries, where, name) => {
        expect(permissionsOn(cluster(entries), `${user}!${name}`, where).size).toBe(0);
      }),
    );
  });

  plainTest("NoAccess never adds a privilege, and leaves none on its own path", () => {
    fc.assert(
      fc.property(acl, entry, path, fc.constantFrom(user, token), (entries, added, where, who) => {
        const before = permissionsOn(cluster(entries), who, where);
        const closed = { ...added, roleid: "NoAccess" };
        const after = permissionsOn(cluster([...entries, closed]), who, where);
        for (const privilege of after.keys()) expect(before.has(privilege)).toBe(true);
        if (closed.ugid === who && closed.path === where) expect(after.size).toBe(0);
      }),
    );
  });

  plainTest("an entry counts on its path and, where it propagates, below: and in the pool that it is about", () => {
    fc.assert(
      fc.property(acl, entry, path, fc.constantFrom(user, token), (entries, added, where, who) => {
        const below = added.path === "/" || where === added.path || where.startsWith(`${added.path}/`);
        const pooled = where === "/vms/102" && ["/", "/pool", "/pool/lab"].includes(added.path);
        const reaches = added.propagate
          ? below || pooled
          : where === added.path || (pooled && added.path === "/pool/lab");
        fc.pre(!reaches);
        expect(permissionsOn(cluster([...entries, added]), who, where)).toEqual(
          permissionsOn(cluster(entries), who, where),
        );
      }),
    );
  });

  plainTest("the order of the entries does not matter", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, {
          maxLength: 8,
          selector: ({ path: at, type, ugid, roleid }) => [at, type, ugid, roleid].join(" "),
        }),
        path,
        fc.constantFrom(user, token),
        (entries, where, who) => {
          expect(permissionsOn(cluster(entries.toReversed()), who, where)).toEqual(
            permissionsOn(cluster(entries), who, where),
          );
        },
      ),
    );
  });

  plainTest("the administrator has everything, whatever the list says", () => {
    fc.assert(
      fc.property(acl, path, (entries, where) => {
        const about = entries.map((one) => ({ ...one, type: "user" as const, ugid: "root@pam" }));
        expect([...permissionsOn(cluster(about), "root@pam", where).keys()]).toEqual(privileges);
      }),
    );
  });
});
