import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { test } from "./simulator-test.ts";

const containers = "/nodes/pve-01/lxc";
const grafana = {
  vmid: "101",
  hostname: "grafana",
  ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  rootfs: "local-zfs:8",
  net0: "name=eth0,bridge=vmbr0,ip=10.20.0.10/24,gw=10.20.0.1",
};

function config(simulator: Simulator): Promise<Record<string, unknown>> {
  return simulator.request("GET", `${containers}/101/config`);
}

describe("POST /nodes/{node}/lxc", () => {
  test("creates a container with Proxmox's defaults", async ({ simulator, run }) => {
    expect(await run("POST", containers, grafana)).toBe("OK");
    expect(await config(simulator)).toEqual({
      arch: "amd64",
      digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      hostname: "grafana",
      memory: 512,
      net0: expect.stringMatching(
        /^name=eth0,bridge=vmbr0,gw=10\.20\.0\.1,hwaddr=BC(:[0-9A-F]{2}){5},ip=10\.20\.0\.10\/24,type=veth$/,
      ) as string,
      ostype: "debian",
      rootfs: "local-zfs:subvol-101-disk-0,size=8G",
      swap: 512,
      unprivileged: 1,
    });
  });

  test("locks it until the task has ended", async ({ simulator, clock }) => {
    await simulator.request("POST", containers, grafana);
    await expect(simulator.request("PUT", `${containers}/101/config`, { cores: "2" })).rejects.toMatchObject({
      status: 500,
      message: "CT is locked (create)",
    });
    clock.advance(60);
    await simulator.request("PUT", `${containers}/101/config`, { cores: "2" });
  });

  test.for([
    ["a VMID in use", { vmid: "101" }, 500, "CT 101 already exists on node 'pve-01'"],
    [
      "a volume that is no template",
      { ostemplate: "local:iso/debian.iso" },
      500,
      "unable to use volume local:iso/debian.iso - content type needs to be 'vztmpl'",
    ],
    [
      "mount points without a root",
      { rootfs: "", mp0: "local-zfs:1,mp=/data" },
      500,
      "mount points configured, but 'rootfs' not set - aborting",
    ],
    ["a key that is none", { "ssh-public-keys": "ssh-ed25519" }, 500, "SSH public key validation error"],
    ["a pool that is not there", { pool: "lab" }, 403, "Permission check failed (pool 'lab' does not exist)"],
    [
      "a path of the node by a token",
      { mp0: "/mnt/media,mp=/media" },
      403,
      "Permission check failed (mount point type bind is only allowed for root@pam)",
    ],
    [
      "a device by a token",
      { dev0: "/dev/dri/renderD128" },
      403,
      "Permission check failed (configuring device passthrough is only allowed for root@pam)",
    ],
    [
      "a feature other than nesting by a token",
      { features: "nesting=1,keyctl=1" },
      403,
      "Permission check failed (changing feature flags (except nesting) is only allowed for root@pam)",
    ],
    ["a storage that is not there", { rootfs: "tank:8" }, 500, "storage 'tank' does not exist"],
  ] as const)("refuses %s", async ([, wrong, status, message], { simulator, run }) => {
    await run("POST", containers, grafana);
    const before = structuredClone(simulator.state.guests);
    const parameters = Object.entries({ ...grafana, vmid: "102", ...wrong }).filter(([, value]) => value !== "");
    const request = simulator.request("POST", containers, Object.fromEntries(parameters));
    await expect(request).rejects.toMatchObject({ status, message });
    expect(simulator.state.guests).toEqual(before);
  });

  test.for([
    ["memory", "15", "value must have a minimum value of 16"],
    ["cores", "two", "type check ('integer') failed - got 'two'"],
    ["hostname", "no_underscore", "invalid format - value does not look like a valid DNS name"],
    [
      "net0",
      "name=eth0,speed=9",
      "invalid format - format error\nnet0.speed: property is not defined in schema and the schema does not allow additional properties\n",
    ],
    ["timezone", "Europe/Atlantis", "invalid format - invalid time zone 'Europe/Atlantis'"],
    [
      "rootfs",
      "local-zfs:8,quota=maybe",
      "invalid format - format error\nrootfs.quota: type check ('boolean') failed - got 'maybe'\n",
    ],
    [
      "mp0",
      "local-zfs:1,mp=/data/../etc",
      "invalid format - format error\nmp0.mp: invalid format - /data/../etc contains illegal character sequences\n",
    ],
    ["colour", "red", "property is not defined in schema and the schema does not allow additional properties"],
  ] as const)("refuses %s=%s", async ([name, value, problem], { simulator }) => {
    await expect(simulator.request("POST", containers, { ...grafana, [name]: value })).rejects.toMatchObject({
      status: 400,
      message: "Parameter verification failed.",
      errors: { [name]: problem },
    });
  });
});

test("PUT …/config changes, deletes and refuses a stale digest", async ({ simulator, run }) => {
  await run("POST", containers, grafana);
  const { digest } = await config(simulator);
  await simulator.request("PUT", `${containers}/101/config`, {
    description: "dashboards",
    tags: "web,Monitoring",
    digest: String(digest),
  });
  expect(await config(simulator)).toMatchObject({ description: "dashboards\n", tags: "monitoring;web" });
  const stale = simulator.request("PUT", `${containers}/101/config`, { cores: "4", digest: String(digest) });
  await expect(stale).rejects.toMatchObject({ message: /^detected modified configuration/ });
  await simulator.request("PUT", `${containers}/101/config`, { delete: "description,tags" });
  expect(Object.keys(await config(simulator))).not.toContain("description");
});

test("PUT …/config gives a network interface a new address when it says none", async ({ simulator, run }) => {
  await run("POST", containers, grafana);
  const { net0: before } = await config(simulator);
  await simulator.request("PUT", `${containers}/101/config`, { net0: "name=eth0,bridge=vmbr0,tag=20" });
  const { net0: after } = await config(simulator);
  const addresses = [before, after].map((net) => /hwaddr=([^,]+)/.exec(String(net))?.[1] ?? "");
  expect(addresses[1]).toMatch(/^BC:24:11:/);
  expect(addresses[1]).not.toBe(addresses[0]);
});

test("PUT …/resize grows a disk and refuses to shrink it", async ({ simulator, run }) => {
  await run("POST", containers, grafana);
  expect(await run("PUT", `${containers}/101/resize`, { disk: "rootfs", size: "+4G" })).toBe("OK");
  expect((await config(simulator))["rootfs"]).toBe("local-zfs:subvol-101-disk-0,size=12G");
  for (const [size, message] of [
    ["4G", "unable to shrink disk size"],
    ["12G", "disk is already at specified size"],
  ] as const) {
    const request = simulator.request("PUT", `${containers}/101/resize`, { disk: "rootfs", size });
    await expect(request).rejects.toMatchObject({ status: 500, message });
  }
});

test("POST …/status/start, GET …/interfaces, POST …/status/shutdown", async ({ simulator, run }) => {
  await run("POST", containers, grafana);
  expect(await run("POST", `${containers}/101/status/start`)).toBe("OK");
  await expect(simulator.request("POST", `${containers}/101/status/start`)).rejects.toMatchObject({
    message: "CT 101 already running",
  });
  const interfaces = await simulator.request<object[]>("GET", `${containers}/101/interfaces`);
  expect(interfaces).toMatchObject([{ name: "lo" }, { name: "eth0", inet: "10.20.0.10/24" }]);
  await expect(simulator.request("DELETE", `${containers}/101`)).rejects.toMatchObject({ status: 500 });
  expect(await run("POST", `${containers}/101/status/shutdown`)).toBe("OK");
  expect(await simulator.request("GET", `${containers}/101/status/current`)).toMatchObject({
    status: "stopped",
    uptime: 0,
  });
});

test("DELETE …/lxc/{vmid} removes the container with its volumes, unless it is protected", async ({
  simulator,
  run,
}) => {
  await run("POST", containers, { ...grafana, protection: "1" });
  await expect(simulator.request("DELETE", `${containers}/101`)).rejects.toMatchObject({
    message: "can't remove CT 101 - protection mode enabled",
  });
  await simulator.request("PUT", `${containers}/101/config`, { protection: "0" });
  expect(await run("DELETE", `${containers}/101`)).toBe("OK");
  await expect(config(simulator)).rejects.toMatchObject({
    status: 500,
    message: "Configuration file 'nodes/pve-01/lxc/101.conf' does not exist",
  });
  expect(await simulator.request("GET", "/nodes/pve-01/storage/local-zfs/content")).toEqual([]);
});

test("reset returns to the seed", async ({ simulator, run }) => {
  await run("POST", containers, grafana);
  simulator.reset();
  expect(await simulator.request("GET", containers)).toEqual([]);
});
