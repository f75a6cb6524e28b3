import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { logIn, withHeaders, withToken, type Client } from "./clients.ts";
import { test } from "./simulator-test.ts";

const users = "/access/users";
const alice = `${users}/alice@pve`;

/** As the administrator's token, but unchecked: of users without tokens a node answers what its schema does not have. */
function unchecked(simulator: Simulator): Client {
  return withToken(simulator, simulator.apiToken);
}

/** What is refused, as a client sees it. */
function refusal(status: number, message: string) {
  return { status, message };
}

describe("POST /access/users", () => {
  test("creates a user, who is in groups and can log in", async ({ simulator }) => {
    await simulator.request("POST", "/access/groups", { groupid: "family", comment: "at home" });
    await simulator.request("POST", users, {
      userid: "alice@pve",
      password: "correct horse",
      firstname: "Alice",
      comment: "first",
      groups: "family",
    });
    expect(await unchecked(simulator)("GET", alice)).toEqual({
      enable: 1,
      expire: 0,
      firstname: "Alice",
      comment: "first",
      email: "",
      groups: ["family"],
      tokens: null,
    });
    expect(await simulator.request("GET", "/access/groups/family")).toEqual({
      comment: "at home",
      members: ["alice@pve"],
    });
    const { login } = await logIn(simulator, "alice@pve", "correct horse");
    expect(login.username).toBe("alice@pve");
  });

  test.for([
    ["a user that exists", { userid: "root@pam" }, 500, "create user failed: user 'root@pam' already exists"],
    ["a group that does not", { groups: "nobody" }, 500, "create user failed: no such group 'nobody'"],
    [
      "a password for a realm that does not exist",
      { userid: "bob@nowhere", password: "12345678" },
      500,
      "create user failed: auth domain 'nowhere' does not exist",
    ],
    [
      "a password for a user whom Linux does not know",
      { userid: "bob@pam", password: "12345678" },
      500,
      "create user failed: change password failed: user 'bob' does not exist",
    ],
  ] as const)("refuses %s", async ([, wrong, status, message], { simulator }) => {
    const before = simulator.state.access;
    const request = simulator.request("POST", users, { userid: "bob@pve", ...wrong });
    await expect(request).rejects.toMatchObject(refusal(status, message));
    expect(simulator.state.access).toEqual(before);
  });

  test.for([
    ["userid", "bob", "invalid format - value 'bob' does not look like a valid user name"],
    ["userid", "a", "invalid format - user name 'a' is too short"],
    ["email", "bob", "invalid format - value does not look like a valid email address"],
    ["password", "1234567", "value must be at least 8 characters long"],
    ["groups", "fa mily/", "invalid format - group name 'mily/' contains invalid characters"],
  ] as const)("refuses %s=%s", async ([name, value, problem], { simulator }) => {
    const { client } = await logIn(simulator, simulator.username, simulator.password);
    await expect(client("POST", users, { userid: "bob@pve", [name]: value })).rejects.toMatchObject({
      status: 400,
      message: "Parameter verification failed.",
      errors: { [name]: problem },
    });
  });
});

describe("PUT /access/users/{userid}", () => {
  test("changes what is given, and empties what is given empty", async ({ simulator }) => {
    await simulator.request("POST", users, { userid: "alice@pve", firstname: "Alice", email: "a@example.com" });
    await simulator.request("PUT", alice, { firstname: "", lastname: "Liddell", enable: "0", expire: "2000000000" });
    expect(await unchecked(simulator)("GET", alice)).toEqual({
      enable: 0,
      expire: 2_000_000_000,
      lastname: "Liddell",
      email: "a@example.com",
      groups: [],
      tokens: null,
    });
  });

  test("replaces the groups, adds to them with append, and leaves them without", async ({ simulator }) => {
    for (const groupid of ["a", "b", "c"]) await simulator.request("POST", "/access/groups", { groupid });
    await simulator.request("POST", users, { userid: "alice@pve", groups: "a,b" });
    const groups = async () => (await unchecked(simulator)<{ groups: string[] }>("GET", alice)).groups;
    await simulator.request("PUT", alice, { comment: "still there" });
    expect(await groups()).toEqual(["a", "b"]);
    await simulator.request("PUT", alice, { groups: "c", append: "1" });
    expect(await groups()).toEqual(["a", "b", "c"]);
    await simulator.request("PUT", alice, { groups: "b" });
    expect(await groups()).toEqual(["b"]);
    await expect(simulator.request("PUT", alice, { append: "1" })).rejects.toMatchObject({
      errors: { groups: "missing property - 'append' requires this property" },
    });
  });

  test("refuses a user that does not exist", async ({ simulator }) => {
    const { client } = await logIn(simulator, simulator.username, simulator.password);
    await expect(client("PUT", alice)).rejects.toMatchObject(
      refusal(500, "update user failed: no such user ('alice@pve')"),
    );
    // A token's request ends at the check of its privileges.
    await expect(simulator.request("PUT", alice)).rejects.toMatchObject(refusal(500, "no such user ('alice@pve')"));
  });
});

test("DELETE /access/users/{userid} takes its permissions, tokens and memberships along", async ({ simulator }) => {
  await simulator.request("POST", "/access/groups", { groupid: "family" });
  await simulator.request("POST", users, { userid: "alice@pve", groups: "family" });
  await simulator.request("POST", `${alice}/token/laptop`);
  await simulator.request("PUT", "/access/acl", { path: "/", users: "alice@pve", roles: "PVEAuditor" });
  await simulator.request("PUT", "/access/acl", { path: "/vms", tokens: "alice@pve!laptop", roles: "PVEAuditor" });
  expect(await simulator.request("GET", "/access/acl")).toHaveLength(2);
  await simulator.request("DELETE", alice);
  expect(await simulator.request("GET", "/access/acl")).toEqual([]);
  expect(await simulator.request("GET", "/access/groups")).toEqual([{ groupid: "family", users: "" }]);
  await expect(simulator.request("GET", alice)).rejects.toMatchObject(refusal(500, "no such user ('alice@pve')"));
});

test("GET /access/users filters, and shows tokens and groups when asked", async ({ simulator }) => {
  await simulator.request("POST", users, { userid: "bob@pve", enable: "0" });
  await simulator.request("POST", users, { userid: "alice@elsewhere" });
  expect(await simulator.request("GET", users, { enabled: "0" })).toEqual([
    { userid: "bob@pve", enable: 0, expire: 0, "realm-type": "pve" },
  ]);
  expect(await unchecked(simulator)("GET", users, { enabled: "1", full: "1" })).toEqual([
    { userid: "alice@elsewhere", enable: 1, expire: 0, groups: "", tokens: null },
    {
      userid: "root@pam",
      enable: 1,
      expire: 0,
      email: "root@example.com",
      "realm-type": "pam",
      groups: "",
      tokens: [{ tokenid: "simulator", privsep: 0, expire: 0 }],
    },
  ]);
});

describe("API tokens", () => {
  const laptop = `${alice}/token/laptop`;

  test("POST …/token/{tokenid} tells the secret, and nothing tells it again", async ({ simulator }) => {
    await simulator.request("POST", users, { userid: "alice@pve" });
    const created = await simulator.request<{ value: string }>("POST", laptop, { comment: "on the desk" });
    expect(created).toEqual({
      "full-tokenid": "alice@pve!laptop",
      info: { privsep: 1, comment: "on the desk" },
      value: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
    });
    const info = { privsep: 1, expire: 0, comment: "on the desk" };
    expect(await simulator.request("GET", laptop)).toEqual(info);
    expect(await simulator.request("GET", `${alice}/token`)).toEqual([{ tokenid: "laptop", ...info }]);
    expect(await simulator.request("GET", alice)).toMatchObject({ tokens: { laptop: info } });
    const client = withToken(simulator, `alice@pve!laptop=${created.value}`);
    expect(await client("GET", "/version")).toMatchObject({ release: "9.2" });
  });

  test("PUT …/token/{tokenid} changes it; regenerate makes a new secret", async ({ simulator }) => {
    await simulator.request("POST", users, { userid: "alice@pve" });
    const { value } = await simulator.request<{ value: string }>("POST", laptop, { comment: "old" });
    expect(await simulator.request("PUT", laptop, { privsep: "0", delete: "comment" })).toEqual({
      privsep: 0,
      expire: 0,
    });
    const renewed = await simulator.request<{ value: string }>("PUT", laptop, { regenerate: "1" });
    expect(renewed).toEqual({
      privsep: 0,
      expire: 0,
      "full-tokenid": "alice@pve!laptop",
      value: expect.not.stringMatching(value) as string,
    });
    await expect(withToken(simulator, `alice@pve!laptop=${value}`)("GET", "/version")).rejects.toMatchObject(
      refusal(401, "invalid token value!"),
    );
    await withToken(simulator, `alice@pve!laptop=${renewed.value}`)("GET", "/version");
  });

  test("refuses a token twice, and one of nobody", async ({ simulator }) => {
    const { client } = await logIn(simulator, simulator.username, simulator.password);
    await expect(client("POST", laptop)).rejects.toMatchObject(refusal(500, "no such user ('alice@pve')"));
    // For a token the check of the privileges comes to that first, and does not say why.
    await expect(simulator.request("POST", laptop)).rejects.toMatchObject(refusal(403, "Permission check failed"));
    await client("POST", users, { userid: "alice@pve" });
    await client("POST", laptop);
    await expect(client("POST", laptop)).rejects.toMatchObject({
      status: 400,
      errors: { tokenid: "Token already exists." },
    });
    await client("DELETE", laptop);
    for (const method of ["GET", "PUT", "DELETE"]) {
      await expect(client(method, laptop)).rejects.toMatchObject(
        refusal(500, "no such token 'laptop' for user 'alice@pve'"),
      );
    }
  });
});

describe("who is let in", () => {
  test.for([
    ["no such user", "bob@pve!xy=1", "no such user ('bob@pve')"],
    ["no such token", "root@pam!xy=1", "no such token 'xy' for user 'root@pam'"],
    [
      "something else",
      "root@pam=1",
      "'root@pam' is not a valid token ID - not able to split into user and token parts",
    ],
    ["no secret", "root@pam!simulator", "no tokenid specified"],
  ] as const)("PVEAPIToken of %s: 401", async ([, token, message], { simulator }) => {
    await expect(withToken(simulator, token)("GET", "/version")).rejects.toMatchObject(refusal(401, message));
  });

  test("a token of a disabled or expired user, and an expired token, are refused", async ({ simulator, clock }) => {
    const now = Math.floor(clock.now().getTime() / 1000);
    await simulator.request("POST", users, { userid: "alice@pve", expire: String(now) });
    const { value } = await simulator.request<{ value: string }>("POST", `${alice}/token/laptop`);
    const ask = () => withToken(simulator, `alice@pve!laptop=${value}`)("GET", "/version");
    await ask();
    clock.advance(1);
    await expect(ask()).rejects.toMatchObject(refusal(401, "user 'alice@pve' access expired"));
    await simulator.request("PUT", alice, { expire: "0", enable: "0" });
    await expect(ask()).rejects.toMatchObject(refusal(401, "user 'alice@pve' is disabled"));
    await simulator.request("PUT", alice, { enable: "1" });
    await simulator.request("PUT", `${alice}/token/laptop`, { expire: String(now) });
    await expect(ask()).rejects.toMatchObject(refusal(401, "token 'laptop' access expired"));
  });

  test("a ticket is good for two hours, and renews itself", async ({ simulator, clock }) => {
    const { login, client } = await logIn(simulator, simulator.username, simulator.password);
    clock.advance(7000);
    const renewed = await logIn(simulator, simulator.username, login.ticket);
    clock.advance(200);
    await expect(client("GET", "/version")).rejects.toMatchObject(
      refusal(401, "permission denied - invalid PVE ticket"),
    );
    await renewed.client("GET", "/version");
    const forged = login.ticket.replace("root@pam", "alice@pve");
    await expect(
      withHeaders(simulator, { authorization: `PVEAuthCookie=${forged}` })("GET", "/version"),
    ).rejects.toMatchObject(refusal(401, "permission denied - invalid PVE ticket"));
  });

  test("POST /access/ticket tells what one can do where", async ({ simulator }) => {
    await simulator.request("POST", users, { userid: "alice@pve", password: "correct horse" });
    await simulator.request("PUT", "/access/acl", { path: "/pool/lab", users: "alice@pve", roles: "PVEVMUser" });
    await simulator.request("PUT", "/access/acl", { path: "/storage/nas", users: "alice@pve", roles: "PVEAuditor" });
    const { login } = await logIn(simulator, "alice@pve", "correct horse");
    expect(login).toEqual({
      username: "alice@pve",
      ticket: expect.stringMatching(/^PVE:alice@pve:[0-9A-F]{8}::/) as string,
      CSRFPreventionToken: expect.stringMatching(/^[0-9A-F]{8}:/) as string,
      cap: {
        access: {},
        dc: {},
        mapping: {},
        nodes: {},
        sdn: {},
        storage: { "Datastore.Audit": 1 },
        vms: Object.fromEntries(
          [
            ..."Audit Backup Config.CDROM Config.Cloudinit Console GuestAgent.Audit GuestAgent.FileRead".split(" "),
            ..."GuestAgent.FileSystemMgmt GuestAgent.FileWrite PowerMgmt".split(" "),
          ].map((name) => [`VM.${name}`, 1]),
        ),
      },
    });
    const { login: root } = await logIn(simulator, "root@pam", simulator.password);
    expect(root.clustername).toBe("homelab");
    expect(Object.keys(root.cap["dc"] ?? {}).sort()).toEqual([
      "SDN.Allocate",
      "SDN.Audit",
      "SDN.Use",
      "Sys.Audit",
      "Sys.Modify",
    ]);
  });

  test("POST /access/ticket with path and privs only checks", async ({ simulator }) => {
    await simulator.request("POST", users, { userid: "alice@pve", password: "correct horse" });
    const anonymous = withHeaders(simulator, {});
    const verify = (username: string, password: string) =>
      anonymous("POST", "/access/ticket", { username, password, path: "/vms/100", privs: "VM.Audit" });
    await expect(verify("alice@pve", "correct horse")).rejects.toMatchObject(refusal(401, "authentication failure"));
    const answer = await verify("root@pam", simulator.password);
    expect(answer).toMatchObject({ username: "root@pam", clustername: "homelab" });
    expect(answer).not.toHaveProperty("ticket");
    expect(await anonymous("GET", "/access/ticket")).toBeNull();
  });

  test("POST /access/ticket needs the realm, and lets the administrator become others", async ({ simulator }) => {
    const anonymous = withHeaders(simulator, {});
    const { password } = simulator;
    await expect(anonymous("POST", "/access/ticket", { username: "root", password })).rejects.toMatchObject({
      status: 401,
    });
    const { ticket } = await anonymous<{ ticket: string }>("POST", "/access/ticket", {
      username: "root",
      realm: "pam",
      password,
    });
    await simulator.request("POST", users, { userid: "alice@pve", password: "correct horse" });
    const { login: alices } = await logIn(simulator, "alice@pve", ticket);
    expect(alices.username).toBe("alice@pve");
    await expect(logIn(simulator, "root@pam", alices.ticket)).rejects.toMatchObject({ status: 401 });
  });

  test("POST /access/ticket ignores the case of names where the realm does", async ({ simulator }) => {
    simulator.change(({ access }) => {
      access.realms["office"] = {
        type: "ldap",
        server1: "ldap",
        base_dn: "o",
        user_attr: "uid",
        "case-sensitive": "0",
      };
      access.users["Alice@office"] = { enable: true, expire: 0, password: "correct horse", tokens: {} };
    });
    const { login } = await logIn(simulator, "aLICE@office", "correct horse");
    expect(login.username).toBe("Alice@office");
    await expect(simulator.request("POST", users, { userid: "alice@office" })).rejects.toMatchObject(
      refusal(500, "create user failed: user 'Alice@office' already exists"),
    );
  });
});

describe("PUT /access/password", () => {
  const change = (userid: string, more: Record<string, string> = {}) => ({
    userid,
    password: "battery staple",
    ...more,
  });

  test("lets users change their own, with the old one", async ({ simulator }) => {
    await simulator.request("POST", users, { userid: "alice@pve", password: "correct horse" });
    const { client } = await logIn(simulator, "alice@pve", "correct horse");
    await expect(client("PUT", "/access/password", change("alice@pve"))).rejects.toMatchObject({
      errors: { "confirmation-password": "password is required to modify user" },
    });
    const wrong = change("alice@pve", { "confirmation-password": "a wrong one" });
    await expect(client("PUT", "/access/password", wrong)).rejects.toMatchObject(refusal(500, "invalid credentials"));
    await client("PUT", "/access/password", change("alice@pve", { "confirmation-password": "correct horse" }));
    await logIn(simulator, "alice@pve", "battery staple");
    await expect(logIn(simulator, "alice@pve", "correct horse")).rejects.toMatchObject({ status: 401 });
    const roots = change("root@pam", { "confirmation-password": "battery staple" });
    await expect(client("PUT", "/access/password", roots)).rejects.toMatchObject({ status: 403 });
  });

  test("lets the administrator change everyone's, but no token", async ({ simulator }) => {
    await simulator.request("POST", users, { userid: "alice@pve" });
    await expect(simulator.request("PUT", "/access/password", change("alice@pve"))).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining(
        "Permission check failed (URI '/access/password' not available with API token, need proper ticket.",
      ) as string,
    });
    const { client } = await logIn(simulator, simulator.username, simulator.password);
    await client("PUT", "/access/password", change("alice@pve"));
    await logIn(simulator, "alice@pve", "battery staple");
    await expect(client("PUT", "/access/password", change("bob@pve"))).rejects.toMatchObject(
      refusal(500, "no such user ('bob@pve')"),
    );
  });
});

describe("groups", () => {
  test("POST, PUT and DELETE /access/groups", async ({ simulator }) => {
    await simulator.request("POST", "/access/groups", { groupid: "family" });
    await simulator.request("PUT", "/access/groups/family", { comment: "at home" });
    await simulator.request("PUT", "/access/groups/family");
    expect(await simulator.request("GET", "/access/groups")).toEqual([
      { groupid: "family", comment: "at home", users: "" },
    ]);
    await simulator.request("PUT", "/access/groups/family", { comment: "" });
    expect(await simulator.request("GET", "/access/groups/family")).toEqual({ members: [] });
    await simulator.request("PUT", "/access/acl", { path: "/", groups: "family", roles: "PVEAdmin" });
    await simulator.request("DELETE", "/access/groups/family");
    expect(await simulator.request("GET", "/access/acl")).toEqual([]);
  });

  test.for([
    ["POST", "/access/groups", "create group failed: group 'family' already exists"],
    ["GET", "/access/groups/nobody", "group 'nobody' does not exist"],
    ["PUT", "/access/groups/nobody", "update group failed: group 'nobody' does not exist"],
    ["DELETE", "/access/groups/nobody", "delete group failed: group 'nobody' does not exist"],
    // What every object of JavaScript has is no group.
    ["GET", "/access/groups/constructor", "group 'constructor' does not exist"],
  ] as const)("%s %s: %s", async ([method, path, message], { simulator }) => {
    await simulator.request("POST", "/access/groups", { groupid: "family" });
    const parameters = method === "POST" ? { groupid: "family" } : undefined;
    await expect(simulator.request(method, path, parameters)).rejects.toMatchObject(refusal(500, message));
  });
});

describe("roles", () => {
  test("GET /access/roles lists those that Proxmox comes with", async ({ simulator }) => {
    const roles = await simulator.request<{ roleid: string; privs: string; special: number }[]>("GET", "/access/roles");
    expect(roles.map(({ roleid }) => roleid)).toEqual([
      "Administrator",
      "NoAccess",
      "PVEAdmin",
      "PVEAuditor",
      "PVEDatastoreAdmin",
      "PVEDatastoreUser",
      "PVEMappingAdmin",
      "PVEMappingUser",
      "PVEPoolAdmin",
      "PVEPoolUser",
      "PVESDNAdmin",
      "PVESDNUser",
      "PVESysAdmin",
      "PVETemplateUser",
      "PVEUserAdmin",
      "PVEVMAdmin",
      "PVEVMUser",
    ]);
    expect(roles.find(({ roleid }) => roleid === "PVEAuditor")).toEqual({
      roleid: "PVEAuditor",
      privs: "Datastore.Audit,Mapping.Audit,Pool.Audit,SDN.Audit,Sys.Audit,VM.Audit,VM.GuestAgent.Audit",
      special: 1,
    });
    const admin = await simulator.request<object>("GET", "/access/roles/PVEAdmin");
    const administrator = await simulator.request<object>("GET", "/access/roles/Administrator");
    const missing = Object.keys(administrator).filter((privilege) => !(privilege in admin));
    expect(missing).toEqual([
      "Mapping.Modify",
      "Permissions.Modify",
      "Realm.Allocate",
      "Sys.AccessNetwork",
      "Sys.Incoming",
      "Sys.Modify",
      "Sys.PowerMgmt",
    ]);
  });

  test("POST, PUT and DELETE /access/roles", async ({ simulator }) => {
    await simulator.request("POST", "/access/roles", { roleid: "Backup", privs: "VM.Backup Datastore.Audit" });
    expect(await simulator.request("GET", "/access/roles/Backup")).toEqual({ "Datastore.Audit": 1, "VM.Backup": 1 });
    await simulator.request("PUT", "/access/roles/Backup", { privs: "VM.Audit", append: "1" });
    expect(Object.keys(await simulator.request<object>("GET", "/access/roles/Backup"))).toHaveLength(3);
    await simulator.request("PUT", "/access/roles/Backup", { privs: "VM.Audit" });
    expect(await simulator.request("GET", "/access/roles/Backup")).toEqual({ "VM.Audit": 1 });
    await simulator.request("PUT", "/access/acl", { path: "/", users: "root@pam", roles: "Backup" });
    await simulator.request("POST", users, { userid: "alice@pve" });
    await simulator.request("PUT", "/access/acl", { path: "/", users: "alice@pve", roles: "Backup" });
    await simulator.request("DELETE", "/access/roles/Backup");
    expect(await simulator.request("GET", "/access/acl")).toEqual([]);
  });

  test.for([
    ["POST", "", { roleid: "Administrator" }, "create role failed: role 'Administrator' already exists"],
    ["GET", "/Nothing", {}, "role 'Nothing' does not exist"],
    ["PUT", "/Nothing", {}, "update role failed: role 'Nothing' does not exist"],
    ["PUT", "/PVEAdmin", {}, "auto-generated role 'PVEAdmin' cannot be modified"],
    ["DELETE", "/PVEAdmin", {}, "auto-generated role 'PVEAdmin' cannot be deleted"],
    ["DELETE", "/Nothing", {}, "delete role failed: role 'Nothing' does not exist"],
  ] as const)("%s /access/roles%s %o: %s", async ([method, path, parameters, message], { simulator }) => {
    await expect(simulator.request(method, `/access/roles${path}`, parameters)).rejects.toMatchObject(
      refusal(500, message),
    );
  });

  test.for([
    ["roleid", "pveMine", "cannot use role ID starting with the (case-insensitive) 'PVE' namespace"],
    ["privs", "VM.Monitor", "invalid format - invalid privilege 'VM.Monitor'"],
  ] as const)("POST /access/roles refuses %s=%s", async ([name, value, problem], { simulator }) => {
    await expect(simulator.request("POST", "/access/roles", { roleid: "Mine", [name]: value })).rejects.toMatchObject({
      status: 400,
      errors: { [name]: problem },
    });
  });
});

describe("the access control list", () => {
  test("PUT /access/acl sets and deletes entries", async ({ simulator }) => {
    await simulator.request("POST", users, { userid: "alice@pve" });
    await simulator.request("POST", "/access/groups", { groupid: "family" });
    await simulator.request("PUT", "/access/acl", {
      path: "vms//100/",
      users: "alice@pve",
      groups: "family",
      roles: "PVEVMUser,PVETemplateUser",
      propagate: "0",
    });
    await simulator.request("PUT", "/access/acl", { path: "/", groups: "family", roles: "PVEAuditor" });
    const entry = { path: "/vms/100", propagate: 0 };
    expect(await simulator.request("GET", "/access/acl")).toEqual([
      { path: "/", type: "group", ugid: "family", roleid: "PVEAuditor", propagate: 1 },
      { ...entry, type: "user", ugid: "alice@pve", roleid: "PVETemplateUser" },
      { ...entry, type: "user", ugid: "alice@pve", roleid: "PVEVMUser" },
      { ...entry, type: "group", ugid: "family", roleid: "PVETemplateUser" },
      { ...entry, type: "group", ugid: "family", roleid: "PVEVMUser" },
    ]);
    const change = { path: "/vms/100", users: "alice@pve", roles: "PVEVMUser" };
    await simulator.request("PUT", "/access/acl", change);
    expect(await simulator.request("GET", "/access/acl")).toContainEqual({
      path: "/vms/100",
      propagate: 1,
      type: "user",
      ugid: "alice@pve",
      roleid: "PVEVMUser",
    });
    await simulator.request("PUT", "/access/acl", { ...change, delete: "1" });
    expect(await simulator.request("GET", "/access/acl")).toHaveLength(4);
  });

  test.for([
    [{ users: "alice@pve" }, "ACL update failed: user 'alice@pve' does not exist"],
    [{ groups: "family" }, "ACL update failed: group 'family' does not exist"],
    [{ tokens: "root@pam!xy" }, "ACL update failed: no such token 'xy' for user 'root@pam'"],
    [{ users: "root@pam", roles: "Nothing" }, "ACL update failed: role 'Nothing' does not exist"],
  ] as const)("PUT /access/acl %o: %s", async ([parameters, message], { simulator }) => {
    const request = simulator.request("PUT", "/access/acl", { path: "/", roles: "PVEAdmin", ...parameters });
    await expect(request).rejects.toMatchObject(refusal(500, message));
  });

  test.for([
    [{ path: "/vms/99", users: "root@pam" }, { path: "invalid ACL path '/vms/99'" }],
    [{ path: "/nodes/a b", users: "root@pam" }, { path: "invalid ACL path '/nodes/a b'" }],
    [
      { path: "/" },
      Object.fromEntries(
        ["users", "groups", "tokens"].map((name) => [name, "either 'users', 'groups' or 'tokens' is required."]),
      ),
    ],
  ] as const)("PUT /access/acl refuses %o", async ([parameters, errors], { simulator }) => {
    const request = simulator.request("PUT", "/access/acl", { roles: "PVEAdmin", ...parameters });
    await expect(request).rejects.toMatchObject({ status: 400, errors });
  });
});

describe("realms", () => {
  const office = { type: "ldap", server1: "ldap.example.com", base_dn: "dc=example,dc=com", user_attr: "uid" };
  const realm = "/access/domains/office";

  test("GET /access/domains needs no login", async ({ simulator }) => {
    expect(await withHeaders(simulator, {})("GET", "/access/domains")).toEqual([
      { realm: "pam", type: "pam", comment: "Linux PAM standard authentication" },
      { realm: "pve", type: "pve", comment: "Proxmox VE authentication server" },
    ]);
  });

  test("POST, PUT and DELETE /access/domains configure a directory", async ({ simulator }) => {
    await simulator.request("POST", "/access/domains", {
      realm: "office",
      ...office,
      port: "636",
      mode: "ldaps",
      default: "1",
      password: "secret",
      "sync-defaults-options": "scope=both,full=1,enable-new=0",
    });
    expect(await simulator.request("GET", realm)).toEqual({
      ...office,
      port: 636,
      mode: "ldaps",
      default: 1,
      "sync-defaults-options": "enable-new=0,remove-vanished=entry;properties,scope=both",
      digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    });
    expect(simulator.state.access.realmPasswords).toEqual({ office: "secret" });
    await simulator.request("PUT", "/access/domains/pve", { default: "1" });
    await simulator.request("PUT", realm, { comment: "at work", tfa: "type=oath", delete: "port,password" });
    expect(await simulator.request("GET", "/access/domains")).toContainEqual({
      realm: "office",
      type: "ldap",
      comment: "at work",
      tfa: "oath",
    });
    expect(await simulator.request("GET", realm)).not.toHaveProperty("port");
    expect(simulator.state.access.realmPasswords).toEqual({});
    await simulator.request("DELETE", realm);
    await expect(simulator.request("GET", realm)).rejects.toMatchObject(refusal(500, "domain 'office' does not exist"));
  });

  test("POST /access/domains configures a provider", async ({ simulator }) => {
    const provider = { "issuer-url": "https://id.example.com", "client-id": "pve", "client-key": "k", autocreate: "1" };
    await simulator.request("POST", "/access/domains", { realm: "sso", type: "openid", ...provider });
    expect(await simulator.request("GET", "/access/domains/sso")).toMatchObject({ ...provider, autocreate: 1 });
  });

  test.for([
    [{ realm: "pve" }, "add auth server failed: domain 'pve' already exists"],
    [{ type: "pam" }, "add auth server failed: unable to create builtin type 'pam'"],
    [{ domain: "EXAMPLE" }, "add auth server failed: unexpected property 'domain'"],
    [{ type: "openid" }, "add auth server failed: unexpected property 'server1'"],
    [{ type: "ad" }, "add auth server failed: missing value for required option 'domain'"],
  ] as const)("POST /access/domains %o: %s", async ([wrong, message], { simulator }) => {
    const request = simulator.request("POST", "/access/domains", { realm: "office", ...office, ...wrong });
    await expect(request).rejects.toMatchObject(refusal(500, message));
  });

  test.for([
    ["PUT", { comment: "x" }, "update auth server failed: domain 'office' does not exist"],
    ["DELETE", {}, "delete auth server failed: authentication domain 'office' does not exist"],
  ] as const)("%s …/{realm} %o: %s", async ([method, parameters, message], { simulator }) => {
    await expect(simulator.request(method, realm, parameters)).rejects.toMatchObject(refusal(500, message));
  });

  test("PUT /access/domains/{realm} refuses nothing to do, and a stale digest", async ({ simulator }) => {
    await expect(simulator.request("PUT", "/access/domains/pve")).rejects.toMatchObject(
      refusal(500, "update auth server failed: no options specified"),
    );
    await expect(
      simulator.request("PUT", "/access/domains/pve", { comment: "x", digest: "0".repeat(40) }),
    ).rejects.toMatchObject({ message: /detected modified configuration/ });
  });

  test("DELETE /access/domains/pve only forgets what was changed", async ({ simulator }) => {
    await simulator.request("PUT", "/access/domains/pve", { comment: "mine" });
    await simulator.request("DELETE", "/access/domains/pve");
    expect(await simulator.request("GET", "/access/domains/pve")).toMatchObject({
      comment: "Proxmox VE authentication server",
    });
  });
});

test("second factors: nobody has one", async ({ simulator }) => {
  expect(await simulator.request("GET", "/access/tfa")).toEqual([]);
  expect(await simulator.request("GET", "/access/tfa/root@pam")).toEqual([]);
  expect(await simulator.request("GET", `${users}/root@pam/tfa`)).toEqual({});
  expect(await simulator.request("PUT", `${users}/root@pam/unlock-tfa`)).toBe(0);
  await expect(simulator.request("GET", "/access/tfa/root@pam/0")).rejects.toMatchObject(
    refusal(404, "No such tfa entry '0'"),
  );
});

test("GET /access lists what is below", async ({ simulator }) => {
  const folders = await simulator.request<{ subdir: string }[]>("GET", "/access");
  expect(folders.map(({ subdir }) => subdir)).toEqual([
    "users",
    "groups",
    "roles",
    "acl",
    "domains",
    "openid",
    "tfa",
    "ticket",
    "password",
  ]);
});
