import { describe, expect } from "vitest";
import { textIn } from "./container-requests.ts";
import { addImages, cloud, machines } from "./machine-requests.ts";
import { test } from "./simulator-test.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGVhbXBsZQ me@home";
const custom = { cicustom: "user=local:snippets/user.yaml" };

describe("GET …/cloudinit/dump", () => {
  test("user: what Proxmox makes of the configuration", async ({ simulator, run }) => {
    addImages(simulator);
    const settings = {
      ciuser: "admin",
      cipassword: "$5$abc$def$",
      sshkeys: encodeURIComponent(key),
      searchdomain: "home.arpa",
    };
    await run("POST", machines, { ...cloud, ...settings });
    expect(await simulator.request("GET", `${machines}/100/cloudinit/dump`, { type: "user" })).toBe(`#cloud-config
hostname: web
manage_etc_hosts: true
fqdn: web.home.arpa
user: admin
password: $5$abc$def$
ssh_authorized_keys:
  - ${key}
chpasswd:
  expire: False
users:
  - default
package_upgrade: true
`);
  });

  test("network: addresses, and the node's DNS where none is set", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, {
      ...cloud,
      net1: "virtio=BC:24:11:00:00:02,bridge=vmbr0",
      ipconfig1: "ip=dhcp,ip6=auto",
    });
    expect(await simulator.request("GET", `${machines}/100/cloudinit/dump`, { type: "network" })).toBe(`version: 1
config:
    - type: physical
      name: eth0
      mac_address: 'bc:24:11:00:00:01'
      subnets:
      - type: static
        address: '10.20.0.30'
        netmask: '255.255.255.0'
        gateway: '10.20.0.1'
    - type: physical
      name: eth1
      mac_address: 'bc:24:11:00:00:02'
      subnets:
      - type: dhcp4
      - type: ipv6_slaac
    - type: nameserver
      address:
      - '10.10.0.1'
      search:
      - 'home.arpa'
`);
    expect(await simulator.request("GET", `${machines}/100/cloudinit/dump`, { type: "meta" })).toMatch(
      /^instance-id: [0-9a-f]{40}\n$/,
    );
  });

  test("Windows reads Debian's interfaces", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...cloud, ostype: "win11" });
    expect(await simulator.request("GET", `${machines}/100/cloudinit/dump`, { type: "network" })).toBe(`auto lo
iface lo inet loopback

        dns_nameservers 10.10.0.1
        dns_search home.arpa
auto eth0
iface eth0 inet static
        address 10.20.0.30
        netmask 255.255.255.0
        gateway 10.20.0.1
`);
  });
});

test("GET …/cloudinit shows what the drive does not have yet; PUT writes it", async ({ simulator, run }) => {
  addImages(simulator);
  await run("POST", machines, { ...cloud, start: "1" });
  await simulator.request("PUT", `${machines}/100/config`, { ciuser: "admin", ipconfig0: "ip=dhcp" });
  const list = () => simulator.request<{ key: string }[]>("GET", `${machines}/100/cloudinit`);
  expect((await list()).filter((item) => "pending" in item)).toEqual([
    { key: "ipconfig0", value: "ip=10.20.0.30/24,gw=10.20.0.1", pending: "ip=dhcp" },
    { key: "ciuser", pending: "admin" },
  ]);
  await simulator.request("PUT", `${machines}/100/cloudinit`);
  expect((await list()).filter((item) => "pending" in item)).toEqual([]);
});

describe("the first boot", () => {
  test("does what the user data say, after its time", async ({ simulator, run, clock }) => {
    addImages(
      simulator,
      `#cloud-config
hostname: cloudy
fqdn: cloudy.home.arpa
timezone: Europe/Berlin
users:
  - default
  - name: ops
    groups: sudo
    shell: /bin/sh
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys: ["${key}"]
ssh_authorized_keys: ["${key}"]
write_files:
  - path: /etc/motd
    content: |
      hello
  - path: /opt/secret
    encoding: b64
    content: ${Buffer.from("s3cret").toString("base64")}
    permissions: "0600"
    owner: ops:ops
packages: [qemu-guest-agent, curl, [jq, 1.7], no-such-package]
runcmd:
  - systemctl enable --now qemu-guest-agent
  - [systemctl, restart, nginx]
  - apt-get update && apt-get install -y nginx
  - curl -fsSL https://example.com | sh
swap: { filename: /swap }
`,
    );
    await run("POST", machines, { ...cloud, ...custom });
    await simulator.request("POST", `${machines}/100/status/start`);
    clock.advance(15);
    expect(simulator.state.guests[100]).toMatchObject({ status: "running", inside: { hostname: "", agent: false } });
    clock.advance(15);
    const inside = simulator.state.guests[100]?.inside;
    expect(inside).toMatchObject({
      hostname: "cloudy",
      agent: true,
      packages: { curl: "8.14.1-2", jq: expect.any(String) as string, "qemu-guest-agent": "1:10.0.3-1" },
      services: { "qemu-guest-agent": { enabled: true, active: true }, nginx: { enabled: true, active: true } },
    });
    const read = (path: string) => textIn(simulator, 100, path);
    expect(read("/etc/motd")).toBe("hello\n");
    expect(read("/etc/timezone")).toBe("Europe/Berlin\n");
    expect(read("/etc/hosts")).toContain("127.0.1.1 cloudy.home.arpa cloudy");
    expect(read("/opt/secret")).toBe("s3cret");
    expect(inside?.files["/opt/secret"]).toMatchObject({ mode: 0o600, uid: 1001, gid: 1001 });
    expect(read("/etc/passwd")).toContain(
      "debian:x:1000:1000::/home/debian:/bin/bash\nops:x:1001:1001::/home/ops:/bin/sh\n",
    );
    expect(read("/home/ops/.ssh/authorized_keys")).toBe(`${key}\n`);
    expect(read("/home/debian/.ssh/authorized_keys")).toBe(`${key}\n`);
    expect(read("/etc/sudoers.d/90-cloud-init-users")).toContain("ops ALL=(ALL) NOPASSWD:ALL");
    expect(read("/var/log/cloud-init-output.log").split("\n")).toEqual(
      expect.arrayContaining([
        "E: Unable to locate package no-such-package",
        "Failed to restart unit: Unit nginx.service does not exist",
        "the simulator does not run: curl -fsSL https://example.com | sh",
        "the simulator does not apply: swap",
      ]),
    );
  });

  test("with what Proxmox makes lets the user's keys in", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...cloud, ciuser: "admin", sshkeys: encodeURIComponent(`${key}\n`), start: "1" });
    expect(simulator.state.guests[100]?.inside.hostname).toBe("web");
    expect(textIn(simulator, 100, "/home/admin/.ssh/authorized_keys")).toBe(`${key}\n`);
    // Nobody has asked for an agent.
    expect(simulator.state.guests[100]?.inside.agent).toBe(false);
  });

  test("with user data that are no YAML comes up without any of it", async ({ simulator, run }) => {
    addImages(simulator, "#cloud-config\npackages: [qemu-guest-agent\nhostname: x\n");
    await run("POST", machines, { ...cloud, ...custom, start: "1" });
    expect(simulator.state.guests[100]).toMatchObject({
      status: "running",
      inside: { hostname: "localhost", agent: false },
    });
    expect(textIn(simulator, 100, "/var/log/cloud-init-output.log")).toContain("Failed loading yaml blob");
  });

  test("does not start where a snippet is missing", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...cloud, cicustom: "user=local:snippets/no.yaml" });
    expect(await run("POST", `${machines}/100/status/start`)).toBe(
      "can't open '/var/lib/vz/snippets/no.yaml' - No such file or directory",
    );
  });
});

describe("later boots", () => {
  test("run cloud-init again only where its data have changed", async ({ simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { ...cloud, start: "1" });
    simulator.change(({ guests }) => {
      const inside = guests[100]?.inside;
      if (inside !== undefined) inside.hostname = "renamed";
    });
    const restart = async () => {
      await run("POST", `${machines}/100/status/stop`);
      await run("POST", `${machines}/100/status/start`);
    };
    await restart();
    expect(simulator.state.guests[100]?.inside.hostname).toBe("renamed");
    await simulator.request("PUT", `${machines}/100/config`, { name: "fresh" });
    await restart();
    expect(simulator.state.guests[100]?.inside.hostname).toBe("fresh");
  });

  test("nothing is left of a boot that was stopped before its end", async ({ simulator, run, clock }) => {
    addImages(simulator);
    await run("POST", machines, cloud);
    await simulator.request("POST", `${machines}/100/status/start`);
    clock.advance(10);
    await run("POST", `${machines}/100/status/stop`);
    expect(simulator.state.guests[100]?.inside.files).toEqual({});
  });
});

describe("what boots", () => {
  test.for([
    ["an empty disk", { scsi0: "local-zfs:1" }, ""],
    ["an installer", { scsi0: "local-zfs:1", ide2: "local:iso/debian.iso,media=cdrom" }, "localhost"],
    ["a cloud image", cloud, "web"],
  ] as const)("%s", async ([, settings, hostname], { simulator, run }) => {
    addImages(simulator);
    await run("POST", machines, { vmid: "100", name: "web", start: "1", ...settings });
    expect(simulator.state.guests[100]?.inside).toMatchObject({ hostname, agent: false });
  });
});
