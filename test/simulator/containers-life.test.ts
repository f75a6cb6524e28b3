import { describe, expect } from "vitest";
import { containers, grafana, logOf, textIn } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

const status = `${containers}/101/status`;

describe("POST …/status", () => {
  test("start fills the system with what the configuration says", async ({ simulator, run }) => {
    const keys = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk admin@home";
    await run("POST", containers, { ...grafana, "ssh-public-keys": keys, password: "secret" });
    expect(simulator.state.guests[101]?.inside.services["ssh"]).toEqual({ enabled: true, active: false });
    expect(await run("POST", `${status}/start`)).toBe("OK");
    const inside = simulator.state.guests[101]?.inside;
    expect(inside?.services["ssh"]).toEqual({ enabled: true, active: true });
    expect(inside?.packages).toHaveProperty("openssh-server");
    expect(textIn(simulator, 101, "/root/.ssh/authorized_keys")).toBe(`${keys}\n`);
    expect(textIn(simulator, 101, "/etc/hostname")).toBe("grafana\n");
    expect(textIn(simulator, 101, "/etc/hosts")).toContain("10.20.0.10 grafana.home.arpa grafana\n");
    expect(textIn(simulator, 101, "/etc/os-release")).toContain("VERSION_CODENAME=trixie\n");
    expect(textIn(simulator, 101, "/etc/resolv.conf")).toContain("search home.arpa\nnameserver 10.10.0.1\n");
    expect(textIn(simulator, 101, "/etc/network/interfaces")).toBe(
      "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n\taddress 10.20.0.10/24\n\tgateway 10.20.0.1\n",
    );
  });

  test("start finds out in its task what is missing", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, net0: "name=eth0,bridge=vmbr9" });
    expect(await run("POST", `${status}/start`)).toBe("startup for container '101' failed");
    expect(await logOf(simulator, "vzstart")).toContain(
      "lxc_create_network_priv: 3466 No such device - Failed to create network device",
    );
    await simulator.request("PUT", `${containers}/101/config`, { net0: "name=eth0,bridge=vmbr0" });
    await simulator.request("PUT", `${containers}/101/config`, { lock: "backup" });
    expect(await run("POST", `${status}/start`)).toBe("CT is locked (backup)");
  });

  test("what is not running can't be stopped", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    for (const [action, message] of [
      ["stop", "CT 101 not running"],
      ["shutdown", "CT 101 not running"],
      ["suspend", "CT 101 not running"],
      ["reboot", "VM 101 not running"],
    ] as const) {
      await expect(simulator.request("POST", `${status}/${action}`)).rejects.toMatchObject({ status: 500, message });
    }
  });

  test("shutdown takes five seconds, fails in fewer, and is overruled by stop", async ({ simulator, run, clock }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    expect(await run("POST", `${status}/shutdown`, { timeout: "2" })).toBe("container did not stop");
    await simulator.request("POST", `${status}/shutdown`);
    clock.advance(1);
    await expect(simulator.request("POST", `${status}/stop`)).rejects.toMatchObject({
      message: "can't lock file '/run/lock/lxc/pve-config-101.lock' - got timeout",
    });
    expect(await run("POST", `${status}/stop`, { "overrule-shutdown": "1" })).toBe("OK");
    expect(await simulator.request("GET", `${status}/current`)).toMatchObject({
      status: "stopped",
      ha: { managed: 0 },
    });
  });

  test("suspend fails, as there is no CRIU", async ({ run }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    expect(await run("POST", `${status}/suspend`)).toBe(
      "command 'lxc-checkpoint -n 101 -s -D /var/lib/vz/dump' failed: exit code 1",
    );
  });

  test("start and stop of what HA manages go through HA", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    await simulator.request("POST", "/cluster/ha/resources", { sid: "ct:101", state: "stopped" });
    expect(await run("POST", `${status}/start`)).toBe("OK");
    expect(await logOf(simulator, "hastart")).toEqual(["Requesting HA start for CT 101", "TASK OK"]);
    expect(await simulator.request("GET", `${status}/current`)).toMatchObject({
      status: "running",
      ha: { managed: 1, state: "started" },
    });
    await run("POST", `${status}/shutdown`);
    expect(simulator.state.sections.haResources["ct:101"]).toMatchObject({ state: "stopped" });
    expect(await simulator.request("GET", `${status}/current`)).toMatchObject({ status: "stopped" });
  });
});

test("GET …/interfaces has all addresses, the last ones also in the old keys", async ({ simulator, run }) => {
  const net0 = "name=eth0,bridge=vmbr0,ip=10.20.0.10/24,ip6=fd00::10/64,hwaddr=BC:24:11:00:00:01";
  await run("POST", containers, { ...grafana, net0, net1: "name=eth1,bridge=vmbr0,ip=dhcp,link_down=1" });
  expect(await simulator.request("GET", `${containers}/101/interfaces`)).toEqual([]);
  await run("POST", `${status}/start`);
  const [lo, eth0, eth1] = await simulator.request<object[]>("GET", `${containers}/101/interfaces`);
  expect(lo).toMatchObject({ name: "lo", inet: "127.0.0.1/8", inet6: "::1/128" });
  expect(eth0).toEqual({
    name: "eth0",
    hwaddr: "bc:24:11:00:00:01",
    "hardware-address": "bc:24:11:00:00:01",
    inet: "10.20.0.10/24",
    inet6: "fe80::be24:11ff:fe00:1/64",
    "ip-addresses": [
      { "ip-address": "10.20.0.10", "ip-address-type": "inet", prefix: 24 },
      { "ip-address": "fd00::10", "ip-address-type": "inet6", prefix: 64 },
      { "ip-address": "fe80::be24:11ff:fe00:1", "ip-address-type": "inet6", prefix: 64 },
    ],
  });
  expect(eth1).toMatchObject({ name: "eth1", "ip-addresses": [] });
});

test("GET …/rrddata has a point a minute, with a load since the last start", async ({ simulator, run, clock }) => {
  await run("POST", containers, grafana);
  await run("POST", `${status}/start`);
  clock.advance(600);
  const points = await simulator.request<{ time: number; cpu?: number; maxmem: number }[]>(
    "GET",
    `${containers}/101/rrddata`,
    { timeframe: "hour" },
  );
  expect(points).toHaveLength(60);
  expect(points[1]?.time).toBe((points[0]?.time ?? 0) + 60);
  expect(points[0]).toMatchObject({ maxmem: 512 * 2 ** 20, maxcpu: 20 });
  expect(points.at(-1)?.cpu).toBeGreaterThan(0);
});

describe("DELETE …/lxc/{vmid}", () => {
  test("stops a running container only by force", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    await expect(simulator.request("DELETE", `${containers}/101`)).rejects.toMatchObject({
      message: "unable to destroy CT 101 - container is running",
    });
    expect(await run("DELETE", `${containers}/101`, { force: "1" })).toBe("OK");
    expect(await logOf(simulator, "vzdestroy")).toContain("forced to stop CT 101 before destroying!");
  });

  test("leaves volumes that its configuration does not name, unless asked", async ({ simulator, run }) => {
    for (const [parameters, left] of [
      [{}, ["vm-101-disk-7"]],
      [{ "destroy-unreferenced-disks": "1" }, []],
    ] as const) {
      await run("POST", containers, grafana);
      const volumes = "/nodes/pve-01/storage/local-zfs/content";
      if (left.length > 0) {
        await simulator.request("POST", volumes, {
          filename: "vm-101-disk-7",
          format: "raw",
          size: "1G",
          vmid: "101",
        });
      }
      expect(await run("DELETE", `${containers}/101`, parameters)).toBe("OK");
      expect(Object.keys(simulator.state.volumes["pve-01/local-zfs"] ?? {})).toEqual(left);
    }
  });

  test("purge takes it out of jobs and HA; permissions go in any case", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    await simulator.request("POST", "/cluster/backup", {
      id: "nightly",
      vmid: "101,102",
      storage: "local",
      schedule: "2:00",
    });
    await simulator.request("POST", "/cluster/backup", { id: "own", vmid: "101", storage: "local", schedule: "3:00" });
    await simulator.request("POST", "/cluster/ha/resources", { sid: "ct:101", state: "stopped" });
    await simulator.request("POST", "/access/users", { userid: "ann@pve" });
    await simulator.request("PUT", "/access/acl", { path: "/vms/101", users: "ann@pve", roles: "PVEVMUser" });
    await expect(simulator.request("DELETE", `${containers}/101`)).rejects.toMatchObject({
      message: "unable to remove CT 101 - used in HA resources and purge parameter not set.",
    });
    expect(await run("DELETE", `${containers}/101`, { purge: "1" })).toBe("OK");
    const { backupJobs, haResources } = simulator.state.sections;
    expect(Object.keys(backupJobs)).toEqual(["nightly"]);
    expect(backupJobs["nightly"]).toMatchObject({ vmid: "102" });
    expect(haResources).toEqual({});
    expect(simulator.state.access.acl.filter(({ path }) => path === "/vms/101")).toEqual([]);
  });
});
