import { describe, expect } from "vitest";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { withToken, type Client } from "./clients.ts";
import { test } from "./simulator-test.ts";

type Run = (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<string>;

async function createContainer(run: Run, vmid: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const ostemplate = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
  const container = { vmid, hostname: `ct${vmid}`, ostemplate, rootfs: "local-zfs:8", memory: "1024", cores: "2" };
  expect(await run("POST", "/nodes/pve-01/lxc", { ...container, ...more })).toBe("OK");
}

/** A client with one role on one path. */
async function auditor(simulator: Simulator, path: string, privs: string): Promise<Client> {
  const { request } = simulator;
  await request("POST", "/access/users", { userid: "alice@pve" });
  await request("POST", "/access/roles", { roleid: "watcher", privs });
  await request("PUT", "/access/acl", { path, users: "alice@pve", roles: "watcher" });
  const { value } = await request<{ value: string }>("POST", "/access/users/alice@pve/token/test", { privsep: "0" });
  return withToken(simulator, `alice@pve!test=${value}`);
}

describe("GET /cluster/resources", () => {
  test("has every field of a container", async ({ simulator: { request }, run, clock }) => {
    await createContainer(run, "101", { tags: "web" });
    await request("POST", "/pools", { poolid: "web" });
    await request("PUT", "/pools", { poolid: "web", vms: "101" });
    expect(await run("POST", "/nodes/pve-01/lxc/101/status/start")).toBe("OK");
    clock.advance(100);
    const [guest] = await request<Record<string, unknown>[]>("GET", "/cluster/resources", { type: "vm" });
    expect(guest).toMatchObject({
      id: "lxc/101",
      type: "lxc",
      vmid: 101,
      node: "pve-01",
      name: "ct101",
      status: "running",
      template: 0,
      tags: "web",
      pool: "web",
      maxcpu: 2,
      maxmem: 2 ** 30,
      maxdisk: 8 * 2 ** 30,
      uptime: expect.any(Number) as number,
    });
    for (const field of ["cpu", "mem", "memhost", "disk", "diskread", "diskwrite", "netin", "netout"]) {
      expect(guest).toHaveProperty(field);
    }
    expect(guest).not.toHaveProperty("cpus");
    const all = await request<Record<string, unknown>[]>("GET", "/cluster/resources");
    expect(all.find(({ type }) => type === "pool")).toMatchObject({
      id: "/pool/web",
      pool: "web",
      maxcpu: 2,
      maxmem: 2 ** 30,
    });
  });

  test("has every kind of resource", async ({ simulator: { request } }) => {
    const all = await request<{ id: string }[]>("GET", "/cluster/resources");
    expect(all.map(({ id }) => id)).toEqual([
      "node/pve-01",
      "node/pve-02",
      "storage/pve-01/local",
      "storage/pve-02/local",
      "storage/pve-01/local-zfs",
      "storage/pve-02/local-zfs",
      "sdn/pve-01/localnetwork",
      "sdn/pve-02/localnetwork",
    ]);
    expect(await request("GET", "/cluster/resources", { type: "node" })).toMatchObject([
      { node: "pve-01", type: "node", status: "online", maxcpu: 20, maxmem: 96 * 2 ** 30, "cgroup-mode": 2 },
      { node: "pve-02" },
    ]);
    expect(await request("GET", "/cluster/resources", { type: "storage" })).toContainEqual(
      expect.objectContaining({ storage: "local-zfs", plugintype: "zfspool", status: "available", shared: 0 }),
    );
  });

  test("leaves out what one may not see", async ({ simulator, run }) => {
    for (const vmid of ["101", "102"]) await createContainer(run, vmid);
    const alice = await auditor(simulator, "/vms/102", "VM.Audit");
    const seen = await alice<{ id: string }[]>("GET", "/cluster/resources");
    expect(seen.map(({ id }) => id)).toEqual(["lxc/102", "node/pve-01", "node/pve-02"]);
    expect(seen[1]).toEqual({ id: "node/pve-01", type: "node", node: "pve-01", status: "online" });
  });
});

describe("GET /cluster/nextid", () => {
  test("is the first that is free, or the one that is asked for", async ({ simulator: { request }, run }) => {
    await createContainer(run, "100");
    expect(await request("GET", "/cluster/nextid")).toBe(101);
    expect(await request("GET", "/cluster/nextid", { vmid: "205" })).toBe(205);
    await expect(request("GET", "/cluster/nextid", { vmid: "100" })).rejects.toMatchObject({
      status: 400,
      errors: { vmid: "VM 100 already exists" },
    });
  });

  test("keeps to the range of the datacenter's options", async ({ simulator: { request }, run }) => {
    await request("PUT", "/cluster/options", { "next-id": "lower=500,upper=501" });
    expect(await request("GET", "/cluster/nextid")).toBe(500);
    await createContainer(run, "500");
    await expect(request("GET", "/cluster/nextid")).rejects.toMatchObject({
      status: 500,
      message: "unable to get any free VMID in range [500, 501]",
    });
  });
});

describe("/cluster/options", () => {
  test("PUT and GET take property strings apart", async ({ simulator: { request } }) => {
    await request("PUT", "/cluster/options", {
      migration: "insecure,network=10.10.0.0/24",
      "tag-style": "case-sensitive=1,shape=full",
      "user-tag-access": "user-allow=list,user-allow-list=web;db",
      "registered-tags": "prod;dev",
      bwlimit: "clone=1000",
      max_workers: "3",
      description: "my lab",
    });
    expect(await request("GET", "/cluster/options")).toEqual({
      keyboard: "en-us",
      migration: { type: "insecure", network: "10.10.0.0/24" },
      "tag-style": { "case-sensitive": 1, shape: "full" },
      "user-tag-access": { "user-allow": "list", "user-allow-list": ["db", "web"] },
      "registered-tags": ["dev", "prod"],
      bwlimit: "clone=1000",
      max_workers: 3,
      description: "my lab\n",
      "allowed-tags": ["db", "dev", "prod", "web"],
      digest: expect.any(String) as string,
    });
    await request("PUT", "/cluster/options", { delete: "migration,tag-style" });
    expect(Object.keys(await request("GET", "/cluster/options"))).not.toContain("migration");
  });

  test.each([
    ["", "monitoring;web"],
    ["shape=full", "monitoring;web"],
    ["case-sensitive=1", "Monitoring;Web;web"],
    ["case-sensitive=1,ordering=config", "web;Monitoring;Web"],
    ["case-sensitive=0,ordering=config", "web;monitoring"],
  ])("with the tag style %j, guests have the tags %s", async (style, tags) => {
    const simulator = await startSimulator();
    try {
      const { request } = simulator;
      if (style !== "") await request("PUT", "/cluster/options", { "tag-style": style });
      const ostemplate = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
      const sent = "web;Monitoring;Web";
      await request("POST", "/nodes/pve-01/lxc", { vmid: "101", ostemplate, rootfs: "local-zfs:8", tags: sent });
      await request("POST", "/nodes/pve-01/qemu", { vmid: "102", name: "Web", tags: sent });
      const { guests } = simulator.state;
      expect([guests[101]?.config["tags"], guests[102]?.config["tags"]]).toEqual([tags, tags]);
      await request("PUT", "/nodes/pve-01/lxc/101/config", { tags: "Other" });
      expect(simulator.state.guests[101]?.config["tags"]).toBe(tags === tags.toLowerCase() ? "other" : "Other");
    } finally {
      await simulator.close();
    }
  });

  test("PUT refuses what the format does not have", async ({ simulator: { request } }) => {
    await expect(request("PUT", "/cluster/options", { ha: "shutdown_policy=panic" })).rejects.toMatchObject({
      status: 400,
      errors: { ha: expect.stringContaining("does not have a value in the enumeration") as string },
    });
  });

  test("GET tells the others little", async ({ simulator, run }) => {
    await createContainer(run, "101", { tags: "web" });
    await simulator.request("PUT", "/cluster/options", { console: "xtermjs", email_from: "pve@example.com" });
    const alice = await auditor(simulator, "/vms", "VM.Audit");
    expect(await alice("GET", "/cluster/options")).toEqual({ console: "xtermjs", "allowed-tags": ["web"] });
  });
});

test("GET /cluster/status", async ({ simulator: { request } }) => {
  expect(await request("GET", "/cluster/status")).toEqual([
    { type: "cluster", id: "cluster", name: "homelab", nodes: 2, quorate: 1, version: 2 },
    { type: "node", id: "node/pve-01", name: "pve-01", ip: "10.10.0.11", nodeid: 1, online: 1, local: 1, level: "" },
    { type: "node", id: "node/pve-02", name: "pve-02", ip: "10.10.0.12", nodeid: 2, online: 1, local: 0, level: "" },
  ]);
});

test("a node alone is no cluster", async ({ simulator }) => {
  simulator.change(({ nodes }) => {
    Reflect.deleteProperty(nodes, "pve-02");
  });
  expect(await simulator.request("GET", "/cluster/status")).toMatchObject([{ name: "pve-01", nodeid: 0 }]);
  await expect(simulator.request("GET", "/cluster/config/join")).rejects.toMatchObject({
    status: 424,
    message: "node is not in a cluster, no join info available!",
  });
});

test("GET /cluster/log has starts and ends of tasks, latest first", async ({ simulator, run }) => {
  await createContainer(run, "101");
  const [end, start] = await simulator.request<{ msg: string; user: string }[]>("GET", "/cluster/log");
  expect(end).toMatchObject({
    msg: expect.stringMatching(/^end task UPID:pve-01:.*:vzcreate:101:.* OK$/) as string,
    pri: 6,
  });
  expect(start?.msg).toMatch(/^starting task UPID:pve-01:.*:vzcreate:101:/);
  expect(await simulator.request("GET", "/cluster/log", { max: "1" })).toEqual([end]);
  const alice = await auditor(simulator, "/vms", "VM.Audit");
  expect(await alice("GET", "/cluster/log")).toEqual([]);
});

describe("/cluster/config", () => {
  test("can be read", async ({ simulator: { request, fingerprint } }) => {
    expect(await request("GET", "/cluster/config/apiversion")).toBe(1);
    expect(await request("GET", "/cluster/config/nodes")).toMatchObject([
      { node: "pve-01", name: "pve-01", nodeid: "1", ring0_addr: "10.10.0.11", quorum_votes: "1" },
      { node: "pve-02" },
    ]);
    expect(await request("GET", "/cluster/config/totem")).toMatchObject({ cluster_name: "homelab" });
    expect(await request("GET", "/cluster/config/qdevice")).toEqual({});
    expect(await request("GET", "/cluster/config/join")).toMatchObject({
      preferred_node: "pve-01",
      nodelist: [{ name: "pve-01", pve_addr: "10.10.0.11", pve_fp: fingerprint }, { name: "pve-02" }],
      totem: { cluster_name: "homelab" },
    });
  });

  test("GET …/join refuses a node that is not there", async ({ simulator: { request } }) => {
    await expect(request("GET", "/cluster/config/join", { node: "pve-03" })).rejects.toMatchObject({
      status: 500,
      message: "unknown node 'pve-03'",
    });
  });
});

describe("/cluster/jobs/realm-sync", () => {
  const job = { realm: "example", schedule: "daily", scope: "both", comment: "people" };

  test("POST, GET, PUT and DELETE", async ({ simulator }) => {
    const { request } = simulator;
    simulator.change(({ access }) => {
      access.realms["example"] = { type: "ldap", server1: "ldap.example.com" };
    });
    await request("POST", "/cluster/jobs/realm-sync/people", job);
    expect(await request("GET", "/cluster/jobs/realm-sync")).toEqual([
      { ...job, id: "people", type: "realm-sync", enabled: 1, "next-run": expect.any(Number) as number },
    ]);
    await request("PUT", "/cluster/jobs/realm-sync/people", { schedule: "hourly", enabled: "0", delete: "comment" });
    expect(await request("GET", "/cluster/jobs/realm-sync/people")).toEqual({
      type: "realm-sync",
      realm: "example",
      schedule: "hourly",
      scope: "both",
      enabled: 0,
    });
    await request("DELETE", "/cluster/jobs/realm-sync/people");
    await expect(request("GET", "/cluster/jobs/realm-sync/people")).rejects.toMatchObject({
      status: 400,
      errors: { id: "No such job 'people'" },
    });
  });

  test.for([
    ["example", "No such realm 'example'"],
    ["pam", "Only LDAP/AD realms can be synced."],
  ])("POST refuses the realm %s", async ([realm, problem], { simulator: { request } }) => {
    const parameters = { ...job, realm: String(realm) };
    await expect(request("POST", "/cluster/jobs/realm-sync/people", parameters)).rejects.toMatchObject({
      status: 400,
      errors: { realm: problem },
    });
    expect(await request("GET", "/cluster/jobs/realm-sync")).toEqual([]);
  });
});

describe("/cluster/qemu/custom-cpu-models", () => {
  const models = "/cluster/qemu/custom-cpu-models";

  test("POST, GET, PUT and DELETE, with and without the prefix", async ({ simulator: { request } }) => {
    await request("POST", models, {
      cputype: "mine",
      "reported-model": "kvm64",
      flags: "+aes;-pcid",
      "phys-bits": "40",
    });
    const model = { cputype: "custom-mine", "reported-model": "kvm64", flags: "+aes;-pcid", "phys-bits": "40" };
    const digest: unknown = expect.any(String);
    expect(await request("GET", models)).toEqual([{ ...model, digest }]);
    await request("PUT", `${models}/custom-mine`, { hidden: "1", delete: "phys-bits" });
    const { "phys-bits": _bits, ...changed } = model;
    expect(await request("GET", `${models}/mine`)).toEqual({ ...changed, hidden: 1, digest });
    await request("DELETE", `${models}/mine`);
    await expect(request("GET", `${models}/mine`)).rejects.toMatchObject({
      status: 500,
      message: "Custom cputype 'mine' not found",
    });
    await expect(request("DELETE", `${models}/mine`)).rejects.toMatchObject({
      message: "custom CPU model 'mine' does not exist",
    });
  });

  test("GET /cluster/qemu/cpu-flags says which nodes have which", async ({ simulator: { request } }) => {
    const flags = await request<object[]>("GET", "/cluster/qemu/cpu-flags");
    expect(flags).toContainEqual({ name: "aes", "supported-on": ["pve-01", "pve-02"] });
    expect(await request("GET", "/cluster/qemu/cpu-flags", { arch: "aarch64" })).toEqual([]);
  });

  test("POST refuses a name in use", async ({ simulator: { request } }) => {
    await request("POST", models, { cputype: "mine", "reported-model": "kvm64" });
    await expect(request("POST", models, { cputype: "custom-mine", "reported-model": "kvm64" })).rejects.toMatchObject({
      status: 500,
      message: "custom CPU model 'mine' already exists",
    });
  });
});

describe("/cluster/bulk-action/guest", () => {
  const bulk = "/cluster/bulk-action/guest";

  async function logOf({ request }: Simulator, type: string): Promise<string[]> {
    const tasks = await request<{ upid: string; type: string; node: string }[]>("GET", "/cluster/tasks");
    const { upid = "", node = "" } = tasks.find((task) => task.type === type) ?? {};
    const lines = await request<{ t: string }[]>("GET", `/nodes/${node}/tasks/${upid}/log`);
    return lines.map(({ t }) => t);
  }

  test("POST …/start starts in order, and skips what runs", async ({ simulator, run }) => {
    await createContainer(run, "101", { startup: "order=2" });
    await createContainer(run, "102", { startup: "order=1" });
    await createContainer(run, "103");
    expect(await run("POST", "/nodes/pve-01/lxc/103/status/start")).toBe("OK");
    expect(await run("POST", `${bulk}/start`)).toBe("WARNINGS: 1");
    expect(await logOf(simulator, "bulk-start")).toEqual([
      "Starting all guests",
      "Starting CT 102",
      "Starting CT 101",
      "WARN: Skipping CT 103, already running.",
      "TASK WARNINGS: 1",
    ]);
    expect(Object.values(simulator.state.guests).map(({ status }) => status)).toEqual([
      "running",
      "running",
      "running",
    ]);
  });

  test("POST …/shutdown takes only those that are named", async ({ simulator, run }) => {
    for (const vmid of ["101", "102"]) await createContainer(run, vmid);
    expect(await run("POST", `${bulk}/start`)).toBe("OK");
    expect(await run("POST", `${bulk}/shutdown`, { vms: "102", timeout: "30" })).toBe("OK");
    expect(await logOf(simulator, "bulk-shutdown")).toEqual([
      "Shutting down guests: 102",
      "Shutting down CT 102 (Timeout = 30 seconds)",
      "TASK OK",
    ]);
    expect(simulator.state.guests["101"]?.status).toBe("running");
    expect(simulator.state.guests["102"]?.status).toBe("stopped");
  });

  test("POST …/migrate moves guests, and says which it could not", async ({ simulator, run }) => {
    for (const vmid of ["101", "102"]) await createContainer(run, vmid);
    simulator.change(({ guests }) => {
      const guest = guests["102"];
      if (guest !== undefined) guest.config["lock"] = "backup";
    });
    expect(await run("POST", `${bulk}/migrate`, { target: "pve-02" })).toBe("Some guests failed to migrate 102");
    expect(simulator.state.guests["101"]?.node).toBe("pve-02");
    expect(simulator.state.guests["102"]?.node).toBe("pve-01");
  });

  test("asks for the privilege on every guest", async ({ simulator, run }) => {
    for (const vmid of ["101", "102"]) await createContainer(run, vmid);
    const alice = await auditor(simulator, "/vms/101", "VM.PowerMgmt");
    await expect(alice("POST", `${bulk}/start`)).rejects.toMatchObject({
      status: 403,
      message: "Permission check failed (/, VM.PowerMgmt)",
    });
    await expect(alice("POST", `${bulk}/start`, { vms: "102" })).rejects.toMatchObject({
      status: 403,
      message: "Permission check failed (/vms/102, VM.PowerMgmt)",
    });
    expect(await alice("POST", `${bulk}/start`, { vms: "101" })).toMatch(/:bulk-start::alice@pve!test:$/);
  });
});

test.for([
  ["/cluster/acme/plugins", { id: "x1", type: "dns", nodes: "no_node" }, "nodes"],
  ["/cluster/ha/resources", { sid: "container-101" }, "sid"],
  ["/cluster/mapping/dir", { id: "x1", map: "node=pve-01,path=srv" }, "map"],
  ["/cluster/metrics/server/x1", { type: "graphite", server: "10.0.0.9", port: "1", path: "a..b" }, "path"],
  ["/cluster/notifications/endpoints/sendmail", { name: "x1", mailto: "a b@c" }, "mailto"],
] as const)("POST %s refuses %o", async ([path, parameters, name], { simulator: { request } }) => {
  await expect(request("POST", path, parameters)).rejects.toMatchObject({
    status: 400,
    errors: { [name]: expect.stringMatching(/^invalid format - /) as string },
  });
});
