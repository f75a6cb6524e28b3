import { generateKeyPairSync } from "node:crypto";
import { describe, expect } from "vitest";
import { issueServerCertificate, createAuthority } from "../../simulator/src/certificates.ts";
import { test } from "./simulator-test.ts";

const node = "/nodes/pve-01";
const container = {
  ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  rootfs: "local-zfs:4",
};

describe("dns, hosts and time", () => {
  test("PUT …/dns replaces the servers", async ({ simulator }) => {
    await simulator.request("PUT", `${node}/dns`, { search: "example.com", dns1: "9.9.9.9", dns2: "1.1.1.1" });
    expect(await simulator.request("GET", `${node}/dns`)).toEqual({
      search: "example.com",
      dns1: "9.9.9.9",
      dns2: "1.1.1.1",
    });
    await expect(simulator.request("PUT", `${node}/dns`, { search: "a", dns1: "nine" })).rejects.toMatchObject({
      status: 400,
      errors: { dns1: "invalid format - value does not look like a valid IP address" },
    });
  });

  test("POST …/hosts refuses a stale digest", async ({ simulator }) => {
    const { data, digest } = await simulator.request<{ data: string; digest: string }>("GET", `${node}/hosts`);
    expect(data).toContain("10.10.0.11 pve-01.home.arpa pve-01");
    await simulator.request("POST", `${node}/hosts`, { data: `${data}10.10.0.9 nas\n`, digest });
    await expect(simulator.request("POST", `${node}/hosts`, { data, digest })).rejects.toMatchObject({
      status: 500,
      message: "detected modified configuration - file changed by other user? Try again.",
    });
    expect(simulator.state.nodes["pve-01"]?.hosts).toMatch(/nas\n$/);
  });

  test("PUT …/time moves the node, not the time", async ({ simulator, clock }) => {
    const time = clock.now().getTime() / 1000;
    expect(await simulator.request("GET", `${node}/time`)).toEqual({
      timezone: "Europe/Berlin",
      time,
      localtime: time + 3600,
    });
    await simulator.request("PUT", `${node}/time`, { timezone: "America/New_York" });
    expect(await simulator.request("GET", `${node}/time`)).toMatchObject({ time, localtime: time - 5 * 3600 });
    await expect(simulator.request("PUT", `${node}/time`, { timezone: "Mars/Olympus" })).rejects.toMatchObject({
      errors: { timezone: "No such timezone" },
    });
  });
});

describe("config", () => {
  test("is empty at first, and keeps what it is told", async ({ simulator }) => {
    expect(await simulator.request("GET", `${node}/config`)).toEqual({});
    const settings = { description: "first\nnode", "startall-onboot-delay": "30", acmedomain0: "a.example.com" };
    await simulator.request("PUT", `${node}/config`, settings);
    const shown = await simulator.request<{ digest: string }>("GET", `${node}/config`);
    expect(shown).toEqual({
      description: "first\nnode\n",
      "startall-onboot-delay": 30,
      acmedomain0: "a.example.com",
      digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
    });
    expect(await simulator.request("GET", `${node}/config`, { property: "acmedomain0" })).toEqual({
      acmedomain0: "a.example.com",
    });
    await simulator.request("PUT", `${node}/config`, { delete: "description", digest: shown.digest });
    const stale = simulator.request("PUT", `${node}/config`, { delete: "acmedomain0", digest: shown.digest });
    await expect(stale).rejects.toMatchObject({ message: /^detected modified configuration/ });
    expect(await simulator.request("GET", `${node}/config`)).not.toHaveProperty("description");
  });

  test("POST …/wakeonlan needs another node with an address", async ({ simulator }) => {
    await expect(simulator.request("POST", `${node}/wakeonlan`)).rejects.toMatchObject({
      message: "'pve-01' is local node, cannot wake my self!",
    });
    await expect(simulator.request("POST", "/nodes/pve-02/wakeonlan")).rejects.toMatchObject({
      message: "No wake on LAN MAC address defined for 'pve-02'!",
    });
    await simulator.request("PUT", "/nodes/pve-02/config", { wakeonlan: "98:03:9b:00:00:02" });
    expect(await simulator.request("POST", "/nodes/pve-02/wakeonlan")).toBe("98:03:9b:00:00:02");
  });
});

describe("apt", () => {
  const repositories = `${node}/apt/repositories`;

  interface Repositories {
    readonly files: readonly { readonly path: string; readonly repositories: readonly object[] }[];
    readonly "standard-repos": readonly { readonly handle: string; readonly status?: number }[];
    readonly digest: string;
  }

  test("GET …/apt/repositories shows what the installer has set up", async ({ simulator }) => {
    const shown = await simulator.request<Repositories>("GET", repositories);
    expect(shown.files.map(({ path }) => path)).toEqual(
      ["ceph", "debian", "pve-enterprise"].map((name) => `/etc/apt/sources.list.d/${name}.sources`),
    );
    expect(shown.files[2]?.repositories).toEqual([
      {
        Types: ["deb"],
        URIs: ["https://enterprise.proxmox.com/debian/pve"],
        Suites: ["trixie"],
        Components: ["pve-enterprise"],
        Options: [{ Key: "Signed-By", Values: ["/usr/share/keyrings/proxmox-archive-keyring.gpg"] }],
        FileType: "sources",
        Enabled: 1,
      },
    ]);
    expect(shown["standard-repos"].slice(0, 3)).toEqual([
      { handle: "enterprise", name: "Enterprise", status: 1 },
      { handle: "no-subscription", name: "No-Subscription" },
      { handle: "test", name: "Test" },
    ]);
  });

  test("PUT adds a standard repository, POST switches one off", async ({ simulator }) => {
    const { digest } = await simulator.request<Repositories>("GET", repositories);
    await simulator.request("PUT", repositories, { handle: "no-subscription", digest });
    const off = { path: "/etc/apt/sources.list.d/pve-enterprise.sources", index: "0", enabled: "0" };
    await expect(simulator.request("POST", repositories, { ...off, digest })).rejects.toMatchObject({ status: 500 });
    await simulator.request("POST", repositories, off);
    const shown = await simulator.request<Repositories>("GET", repositories);
    expect(shown["standard-repos"].slice(0, 2)).toMatchObject([{ status: 0 }, { status: 1 }]);
    expect(shown.files.map(({ path }) => path)).toContain("/etc/apt/sources.list.d/proxmox.sources");
  });

  test.for([
    ["PUT", { handle: "nightly" }, "unknown repository handle 'nightly'"],
    ["POST", { path: "/etc/apt/sources.list", index: "0" }, "invalid path - /etc/apt/sources.list"],
    ["POST", { path: "/etc/apt/sources.list.d/debian.sources", index: "2" }, "invalid index - 2"],
  ] as const)("%s refuses %o", async ([method, parameters, message], { simulator }) => {
    await expect(simulator.request(method, repositories, parameters)).rejects.toMatchObject({ status: 500, message });
  });

  test("POST …/apt/update fails where the enterprise repository has no subscription", async ({ simulator, run }) => {
    expect(await run("POST", `${node}/apt/update`)).toBe("command 'apt-get update' failed: exit code 100");
    await simulator.request("PUT", `${node}/subscription`, { key: "pve1c-0123456789" });
    expect(await run("POST", `${node}/apt/update`)).toBe("OK");
    expect(await simulator.request("GET", `${node}/apt/update`)).toEqual([]);
  });

  test("GET …/apt/versions knows the manager", async ({ simulator }) => {
    const versions = await simulator.request<{ Package: string }[]>("GET", `${node}/apt/versions`);
    expect(versions.find(({ Package }) => Package === "pve-manager")).toMatchObject({
      Version: "9.2.3",
      CurrentState: "Installed",
    });
  });
});

test("subscription", async ({ simulator }) => {
  expect(await simulator.request("GET", `${node}/subscription`)).toMatchObject({
    status: "notfound",
    message: "There is no subscription key",
  });
  await expect(simulator.request("PUT", `${node}/subscription`, { key: "key" })).rejects.toMatchObject({
    errors: { key: "value does not match the regex pattern" },
  });
  await simulator.request("PUT", `${node}/subscription`, { key: "pve2s-0123456789" });
  expect(await simulator.request("GET", `${node}/subscription`)).toMatchObject({
    status: "active",
    key: "pve2s-0123456789",
    level: "s",
    sockets: 2,
    productname: "Proxmox VE Standard Subscription 2 CPU/year",
  });
  await simulator.request("DELETE", `${node}/subscription`);
  expect(await simulator.request("GET", `${node}/subscription`)).toMatchObject({ status: "notfound" });
});

describe("certificates", () => {
  test("GET …/certificates/info shows what the server uses", async ({ simulator }) => {
    expect(await simulator.request("GET", `${node}/certificates/info`)).toMatchObject([
      { filename: "pve-root-ca.pem", subject: "/CN=Proxmox VE simulator", pem: `${simulator.ca}\n` },
      {
        filename: "pve-ssl.pem",
        fingerprint: simulator.fingerprint,
        san: expect.arrayContaining(["127.0.0.1", "pve-01"]) as string[],
        "public-key-type": "id-ecPublicKey",
        "public-key-bits": 256,
      },
    ]);
    expect(await simulator.request("GET", "/nodes")).toMatchObject([{ ssl_fingerprint: simulator.fingerprint }, {}]);
  });

  test("…/certificates/custom takes a pair that fits, once", async ({ simulator }) => {
    const own = await issueServerCertificate(await createAuthority(30), ["pve.example.com"], 30);
    const custom = `${node}/certificates/custom`;
    await expect(simulator.request("POST", custom, { certificates: own.cert })).rejects.toMatchObject({
      errors: { key: "Attempted to upload custom certificate without (existing) key." },
    });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    await expect(simulator.request("POST", custom, { certificates: own.cert, key: other })).rejects.toMatchObject({
      message: "Setting certificate files failed - Failed to validate private key and certificate",
    });
    await expect(simulator.request("POST", custom, { certificates: "no", key: own.key })).rejects.toMatchObject({
      errors: { certificates: "invalid format - not a valid PEM-formatted string." },
    });
    const pair = { certificates: own.cert, key: own.key };
    expect(await simulator.request("POST", custom, pair)).toMatchObject({
      filename: "pveproxy-ssl.pem",
      fingerprint: own.fingerprint,
    });
    await expect(simulator.request("POST", custom, pair)).rejects.toMatchObject({
      message: "Custom certificate file exists but force flag is not set.",
    });
    await simulator.request("DELETE", custom);
    expect(await simulator.request<object[]>("GET", `${node}/certificates/info`)).toHaveLength(2);
  });
});

describe("services", () => {
  test("stop, start and reload as tasks", async ({ simulator, run }) => {
    expect(await run("POST", `${node}/services/cron/stop`)).toBe("OK");
    expect(await simulator.request("GET", `${node}/services/cron/state`)).toEqual({
      service: "cron",
      name: "cron",
      desc: "Regular background program processing daemon",
      state: "dead",
      "active-state": "inactive",
      "unit-state": "enabled",
    });
    expect(await run("POST", `${node}/services/cron/reload`)).toBe(
      "command 'systemctl reload cron' failed: exit code 1",
    );
    expect(await run("POST", `${node}/services/cron/start`)).toBe("OK");
    const services = await simulator.request<{ service: string }[]>("GET", `${node}/services`);
    expect(services.find(({ service }) => service === "cron")).toMatchObject({ state: "running" });
    expect(services.find(({ service }) => service === "systemd-timesyncd")).toMatchObject({
      "unit-state": "not-found",
    });
  });

  test("what everything hangs on is not stopped", async ({ run }) => {
    expect(await run("POST", `${node}/services/pveproxy/stop`)).toBe(
      "invalid service cmd 'pveproxy stop': refusing to stop essential service!",
    );
    expect(await run("POST", `${node}/services/pveproxy/restart`)).toBe("OK");
  });
});

describe("power", () => {
  test("POST …/status reboots: guests go down, and those marked onboot come back", async ({
    simulator,
    run,
    clock,
  }) => {
    await run("POST", `${node}/lxc`, { ...container, vmid: "101", onboot: "1", start: "1" });
    await run("POST", `${node}/lxc`, { ...container, vmid: "102", start: "1" });
    expect(await simulator.request("POST", `${node}/status`, { command: "reboot" })).toBeNull();
    clock.advance(45);
    expect(simulator.state.guests).toMatchObject({ 101: { status: "stopped" }, 102: { status: "stopped" } });
    clock.advance(300);
    expect(simulator.state.guests).toMatchObject({ 101: { status: "running" }, 102: { status: "stopped" } });
    const types = Object.values(simulator.state.tasks).map(({ type }) => type);
    expect(types.filter((type) => type.endsWith("all"))).toEqual(["stopall", "startall"]);
    expect(await simulator.request<{ uptime: number }>("GET", `${node}/status`)).toHaveProperty(
      "uptime",
      345 - (1 + 15 + 60),
    );
  });

  test("POST …/status switches off, and …/wakeonlan on again", async ({ simulator, clock }) => {
    await simulator.request("PUT", "/nodes/pve-02/config", { wakeonlan: "98:03:9b:00:00:02" });
    await simulator.request("POST", "/nodes/pve-02/status", { command: "shutdown" });
    clock.advance(60);
    await expect(simulator.request("GET", "/nodes/pve-02/status")).rejects.toMatchObject({
      status: 595,
      message: "No route to host",
    });
    expect(await simulator.request("GET", "/nodes")).toMatchObject([
      { node: "pve-01", status: "online" },
      { node: "pve-02", status: "offline" },
    ]);
    await simulator.request("POST", "/nodes/pve-02/wakeonlan");
    clock.advance(120);
    expect(await simulator.request("GET", "/nodes/pve-02/status")).toMatchObject({ uptime: 60 });
  });

  test("POST …/stopall and …/startall take all guests or those that are named", async ({ simulator, run }) => {
    for (const vmid of ["101", "102"]) await run("POST", `${node}/lxc`, { ...container, vmid, start: "1" });
    expect(await run("POST", `${node}/stopall`, { vms: "102" })).toBe("OK");
    expect(simulator.state.guests).toMatchObject({ 101: { status: "running" }, 102: { status: "stopped" } });
    expect(await run("POST", `${node}/startall`)).toBe("OK");
    expect(simulator.state.guests[102]?.status).toBe("stopped");
    expect(await run("POST", `${node}/startall`, { force: "1" })).toBe("OK");
    expect(simulator.state.guests[102]?.status).toBe("running");
  });

  test.for([
    [{ target: "pve-01", "max-workers": "1" }, 400, { errors: { target: "target is local node." } }],
    [{ target: "pve-09", "max-workers": "1" }, 500, { message: "no such cluster node 'pve-09'" }],
    [
      { target: "pve-02" },
      500,
      { message: "either 'maxworkers' parameter or max_workers in datacenter.cfg must be set!" },
    ],
  ] as const)("POST …/migrateall refuses %o", async ([parameters, status, refusal], { simulator }) => {
    await expect(simulator.request("POST", `${node}/migrateall`, parameters)).rejects.toMatchObject({
      status,
      ...refusal,
    });
  });
});

describe("what a node tells of itself", () => {
  test("GET …/rrddata ends now, and says the same when asked again", async ({ simulator, clock }) => {
    const hour = await simulator.request<{ time: number }[]>("GET", `${node}/rrddata`, { timeframe: "hour" });
    expect(hour).toHaveLength(60);
    const now = clock.now().getTime() / 1000;
    expect(hour.at(-1)?.time).toBe(now);
    expect(hour[0]?.time).toBe(now - 59 * 60);
    expect(hour[0]).toMatchObject({ maxcpu: 20, memtotal: 96 * 2 ** 30, cpu: expect.any(Number) as number });
    expect(await simulator.request("GET", `${node}/rrddata`, { timeframe: "hour" })).toEqual(hour);
    const year = await simulator.request<object[]>("GET", `${node}/rrddata`, { timeframe: "year" });
    expect(year[0]).not.toHaveProperty("cpu");
    expect(year.at(-1)).toHaveProperty("cpu");
  });

  test("GET …/syslog has the tasks", async ({ simulator, run }) => {
    await run("POST", `${node}/services/cron/restart`);
    const lines = await simulator.request<{ n: number; t: string }[]>("GET", `${node}/syslog`, {
      service: "pvedaemon",
    });
    expect(lines.map(({ n }) => n)).toEqual([1, 2]);
    expect(lines[0]?.t).toMatch(
      /^Jan 01 01:00:00 pve-01 pvedaemon\[1024\]: <root@pam!simulator> starting task UPID:pve-01:/,
    );
    expect(lines[1]?.t).toMatch(/^Jan 01 01:00:01 .* end task UPID:.* OK$/);
    const journal = await simulator.request<string[]>("GET", `${node}/journal`, { lastentries: "1" });
    expect(journal).toHaveLength(3);
    expect(journal[1]).toBe(lines[1]?.t);
  });

  test("GET …/report and …/netstat", async ({ simulator }) => {
    expect(await simulator.request("GET", `${node}/report`)).toContain("pve-manager: 9.2.3\n");
    expect(await simulator.request("GET", `${node}/netstat`)).toEqual([]);
  });

  test("GET …/status counts what runs", async ({ simulator, run }) => {
    const memory = async () =>
      (await simulator.request<{ memory: { used: number } }>("GET", `${node}/status`)).memory.used;
    const before = await memory();
    await run("POST", `${node}/lxc`, { ...container, vmid: "101", memory: "4096", start: "1" });
    expect((await memory()) - before).toBe(Math.round(0.2 * 4096 * 2 ** 20));
    expect(await simulator.request("GET", `${node}/status`)).toMatchObject({
      cpuinfo: { cpus: 20, cores: 14, sockets: 1 },
      rootfs: { total: expect.any(Number) as number },
    });
  });
});

describe("hardware", () => {
  test("GET …/hardware/pci leaves out bridges unless it is told not to", async ({ simulator }) => {
    const shown = await simulator.request<{ class: string }[]>("GET", `${node}/hardware/pci`);
    expect(shown.map((device) => device.class)).not.toContain("0x060000");
    expect(shown).toContainEqual(
      expect.objectContaining({ id: "0000:00:02.0", vendor: "0x8086", vendor_name: "Intel Corporation" }),
    );
    const all = await simulator.request<object[]>("GET", `${node}/hardware/pci`, { "pci-class-blacklist": "" });
    expect(all.length).toBeGreaterThan(shown.length);
  });

  test("GET …/capabilities/qemu has CPUs and machines", async ({ simulator }) => {
    const cpus = await simulator.request<object[]>("GET", `${node}/capabilities/qemu/cpu`);
    expect(cpus).toContainEqual({ name: "x86-64-v3", custom: 0, abstract: 1, vendor: "default" });
    const machines = await simulator.request<object[]>("GET", `${node}/capabilities/qemu/machines`);
    expect(machines).toContainEqual({ id: "pc-q35-10.1", type: "q35", version: "10.1" });
  });
});

describe("scan", () => {
  test("GET …/scan/zfs shows datasets, not what storages keep on them", async ({ simulator, run }) => {
    await run("POST", `${node}/lxc`, { ...container, vmid: "101" });
    const pools = await simulator.request<{ pool: string }[]>("GET", `${node}/scan/zfs`);
    expect(pools.map(({ pool }) => pool)).toEqual([
      "rpool",
      "rpool/ROOT",
      "rpool/ROOT/pve-1",
      "rpool/data",
      "rpool/var-lib-vz",
    ]);
  });

  test("GET …/scan/nfs knows servers that are in use", async ({ simulator }) => {
    await expect(simulator.request("GET", `${node}/scan/nfs`, { server: "nas" })).rejects.toMatchObject({
      status: 500,
      message: "command '/sbin/showmount --no-headers --exports nas' failed: exit code 1",
    });
    simulator.change(({ storages }) => {
      const config = { server: "nas", export: "/volume1/media", content: "iso", path: "/mnt/pve/nas" };
      storages["nas"] = { storage: "nas", type: "nfs", config, size: 2 ** 40, offline: [] };
    });
    expect(await simulator.request("GET", `${node}/scan/nfs`, { server: "nas" })).toEqual([
      { path: "/volume1/media", options: "*" },
    ]);
  });
});
