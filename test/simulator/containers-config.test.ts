import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { containers, grafana, textIn } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

const config = `${containers}/101/config`;

function pendingOf(simulator: Simulator): Promise<{ key: string }[]> {
  return simulator
    .request<{ key: string; pending?: string; delete?: number }[]>("GET", `${containers}/101/pending`)
    .then((entries) => entries.filter((entry) => entry.pending !== undefined || entry.delete !== undefined));
}

describe("PUT …/config of a running container", () => {
  test("changes at once what its kernel takes", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    await simulator.request("PUT", config, {
      memory: "1024",
      swap: "0",
      cores: "2",
      cpulimit: "1.5",
      hostname: "dashboards",
      net1: "name=eth1,bridge=vmbr0,ip=dhcp",
      mp0: "local-zfs:1,mp=/data",
    });
    expect(await pendingOf(simulator)).toEqual([]);
    expect(simulator.state.guests[101]?.config).toMatchObject({
      memory: "1024",
      swap: "0",
      hostname: "dashboards",
      mp0: "local-zfs:subvol-101-disk-1,mp=/data,size=1G",
    });
    expect(textIn(simulator, 101, "/etc/network/interfaces")).toContain("auto eth1\niface eth1 inet dhcp\n");
    // A name is written at the next start.
    expect(textIn(simulator, 101, "/etc/hostname")).toBe("grafana\n");
  });

  test("leaves the rest for the next start", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, start: "1", timezone: "host" });
    await simulator.request("PUT", config, {
      nameserver: "10.0.0.53,10.0.0.54",
      features: "nesting=1",
      delete: "timezone",
    });
    expect(await pendingOf(simulator)).toEqual([
      { key: "timezone", value: "host", delete: 1 },
      { key: "nameserver", pending: "10.0.0.53 10.0.0.54" },
      { key: "features", pending: "nesting=1" },
    ]);
    expect(await simulator.request("GET", config)).toMatchObject({ nameserver: "10.0.0.53 10.0.0.54" });
    expect(await simulator.request("GET", config)).not.toHaveProperty("timezone");
    const current = await simulator.request("GET", config, { current: "1" });
    expect(current).toMatchObject({ timezone: "host" });
    expect(current).not.toHaveProperty("nameserver");
    await simulator.request("PUT", config, { revert: "features,timezone" });
    expect(await pendingOf(simulator)).toEqual([{ key: "nameserver", pending: "10.0.0.53 10.0.0.54" }]);
    expect(await run("POST", `${containers}/101/status/reboot`)).toBe("OK");
    expect(await pendingOf(simulator)).toEqual([]);
    expect(textIn(simulator, 101, "/etc/resolv.conf")).toContain("nameserver 10.0.0.53\nnameserver 10.0.0.54\n");
  });

  test("forgets a change that changes nothing", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    await simulator.request("PUT", config, { tty: "3" });
    await simulator.request("PUT", config, { delete: "tty" });
    expect(await pendingOf(simulator)).toEqual([]);
  });

  test("has another digest as soon as something is pending", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, start: "1" });
    const { digest } = await simulator.request<{ digest: string }>("GET", config);
    await simulator.request("PUT", config, { tty: "3", digest });
    const stale = simulator.request("PUT", config, { tty: "4", digest });
    await expect(stale).rejects.toMatchObject({
      status: 500,
      message: "detected modified configuration - file changed by other user? Try again.",
    });
  });
});

describe("PUT …/config refuses", () => {
  test.for([
    ["nothing at all", {}, 500, "no options specified"],
    ["deleting the memory", { delete: "memory" }, 500, "unable to delete required option 'memory'"],
    ["making it privileged", { unprivileged: "0" }, 500, "unable to modify read-only option: 'unprivileged'"],
    [
      "a storage without the content type",
      { mp0: "local:1,mp=/data" },
      500,
      "storage 'local' does not allow content type 'rootdir' (Container)",
    ],
    [
      "features by a token",
      { features: "fuse=1" },
      403,
      "Permission check failed (changing feature flags (except nesting) is only allowed for root@pam)",
    ],
    [
      "a hookscript by a token",
      { hookscript: "local:snippets/hook.sh" },
      403,
      "Permission check failed (changing the hookscript is only allowed for root@pam)",
    ],
  ] as const)("%s", async ([, parameters, status, message], { simulator, run }) => {
    await run("POST", containers, grafana);
    await expect(simulator.request("PUT", config, parameters)).rejects.toMatchObject({ status, message });
  });

  test("names that contradict or do not exist", async ({ simulator, run }) => {
    await run("POST", containers, grafana);
    for (const [parameters, errors] of [
      [{ cores: "1", delete: "cores" }, { delete: "you can't use '-cores' and -delete cores' at the same time" }],
      [{ cores: "1", revert: "cores" }, { revert: "you can't use '-cores' and '-revert cores' at the same time" }],
      [{ delete: "colour" }, { delete: "unknown option 'colour'" }],
    ] as const) {
      await expect(simulator.request("PUT", config, parameters)).rejects.toMatchObject({ status: 400, errors });
    }
  });
});

test("PUT …/config keeps the volume of a removed mount point as unused, and deletes it with that", async ({
  simulator,
  run,
}) => {
  await run("POST", containers, { ...grafana, mp0: "local-zfs:1,mp=/data,backup=1" });
  await simulator.request("PUT", config, { delete: "mp0" });
  expect(await simulator.request("GET", config)).toMatchObject({ unused0: "local-zfs:subvol-101-disk-1" });
  await simulator.request("PUT", config, { mp1: "local-zfs:subvol-101-disk-1,mp=/data" });
  const attached = await simulator.request("GET", config);
  expect(attached).toMatchObject({ mp1: "local-zfs:subvol-101-disk-1,mp=/data,size=1G" });
  expect(attached).not.toHaveProperty("unused0");
  await simulator.request("PUT", config, { delete: "mp1" });
  await simulator.request("PUT", config, { delete: "unused0" });
  expect(Object.keys(simulator.state.volumes["pve-01/local-zfs"] ?? {})).toEqual(["subvol-101-disk-0"]);
});

test("PUT …/config leaves disks alone that are protected", async ({ simulator, run }) => {
  await run("POST", containers, { ...grafana, mp0: "local-zfs:1,mp=/data", protection: "1" });
  await expect(simulator.request("PUT", config, { delete: "mp0" })).rejects.toMatchObject({
    message: "can't remove CT 101 drive 'mp0' - protection mode enabled",
  });
  await expect(simulator.request("PUT", config, { mp0: "local-zfs:2,mp=/data" })).rejects.toMatchObject({
    message: "can't update CT 101 drive 'mp0' - protection mode enabled",
  });
});

describe("POST …/move_volume", () => {
  test("copies a disk to another storage and keeps the old one, or not", async ({ simulator, run }) => {
    await simulator.request("POST", "/storage", {
      storage: "files",
      type: "dir",
      path: "/srv/files",
      content: "rootdir",
    });
    await run("POST", containers, { ...grafana, mp0: "local-zfs:2,mp=/data" });
    const move = `${containers}/101/move_volume`;
    expect(await run("POST", move, { volume: "mp0", storage: "files" })).toBe("OK");
    expect(simulator.state.guests[101]?.config).toMatchObject({
      mp0: "files:101/vm-101-disk-0.raw,mp=/data,size=2G",
      unused0: "local-zfs:subvol-101-disk-1",
    });
    expect(await run("POST", move, { volume: "mp0", storage: "local-zfs", delete: "1" })).toBe("OK");
    expect(simulator.state.guests[101]?.config["mp0"]).toBe("local-zfs:subvol-101-disk-2,mp=/data,size=2G");
    expect(simulator.state.volumes["pve-01/files"]).toEqual({});
    const refused = simulator.request("POST", move, { volume: "unused0", storage: "files" });
    await expect(refused).rejects.toMatchObject({
      message: "cannot move volume 'unused0', only configured volumes can be moved to another storage",
    });
    await expect(simulator.request("POST", move, { volume: "mp0" })).rejects.toMatchObject({
      status: 400,
      errors: { storage: "both 'storage' and 'target-vmid' missing, either needs to be set" },
    });
  });

  test("gives a disk to another container", async ({ simulator, run }) => {
    await run("POST", containers, { ...grafana, mp0: "local-zfs:2,mp=/data" });
    await run("POST", containers, { ...grafana, vmid: "102" });
    const move = `${containers}/101/move_volume`;
    const root = simulator.request("POST", move, { volume: "rootfs", "target-vmid": "102" });
    await expect(root).rejects.toMatchObject({ message: "Cannot move to/from 'rootfs'" });
    expect(await run("POST", move, { volume: "mp0", "target-vmid": "102", "target-volume": "mp3" })).toBe("OK");
    expect(simulator.state.guests[101]?.config).not.toHaveProperty("mp0");
    expect(simulator.state.guests[102]?.config["mp3"]).toBe("local-zfs:subvol-102-disk-1,mp=/data,size=2G");
  });
});

describe("GET /nodes/{node}/lxc/{vmid}/config", () => {
  test("passes over lines of LXC with keys that Proxmox does not know", async ({ simulator, run }) => {
    expect(await run("POST", containers, grafana)).toBe("OK");
    simulator.change(({ guests: { 101: guest } }) => {
      if (guest === undefined) return;
      guest.config["lxc"] = [
        "lxc.cgroup2.devices.allow: c 10:200 rwm",
        "lxc.mount.entry: /dev/net dev/net none bind",
        "lxc.rootfs.path: /elsewhere",
        "lxc.unknown: 1",
      ].join("\n");
    });
    expect(await simulator.request("GET", `${containers}/101/config`)).toMatchObject({
      lxc: [
        ["lxc.cgroup2.devices.allow", "c 10:200 rwm"],
        ["lxc.mount.entry", "/dev/net dev/net none bind"],
      ],
    });
  });
});
