import { request as httpsRequest } from "node:https";
import type { Simulator } from "@proxmox-homelab/simulator";
import { describe, expect } from "vitest";
import { withToken } from "./clients.ts";
import { test } from "./simulator-test.ts";

const sdn = "/cluster/sdn";
const digest = expect.stringMatching(/^[0-9a-f]{40}$/) as string;

/** A zone with one vnet, written and not yet applied. */
async function writeNetwork(simulator: Simulator): Promise<void> {
  await simulator.request("POST", `${sdn}/zones`, { type: "simple", zone: "internal", ipam: "pve", dhcp: "dnsmasq" });
  await simulator.request("POST", `${sdn}/vnets`, { vnet: "guests", zone: "internal", alias: "all guests" });
}

/** What is wrong with each parameter, or the status and the whole message, of which the status line has the first. */
function refusal(
  { url, ca, apiToken }: Simulator,
  method: string,
  path: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const form = new URLSearchParams(parameters).toString();
  const inQuery = method === "GET" || method === "DELETE";
  const address = new URL(`api2/json${path}${inQuery ? `?${form}` : ""}`, url);
  const headers = {
    authorization: `PVEAPIToken=${apiToken}`,
    ...(inQuery ? {} : { "content-type": "application/x-www-form-urlencoded" }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(address, { method, ca, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => {
        const { message = "", errors } = JSON.parse(text) as { message?: string; errors?: object };
        resolve(errors ?? `${response.statusCode ?? 0} ${message.replace(/\n$/, "")}`);
      });
    });
    outgoing.on("error", reject).end(inQuery ? undefined : form);
  });
}

describe("zones", () => {
  const path = `${sdn}/zones`;

  test("GET, POST, PUT and DELETE /cluster/sdn/zones", async ({ simulator }) => {
    await simulator.request("POST", path, {
      type: "vlan",
      zone: "office",
      bridge: "vmbr0",
      mtu: "1400",
      nodes: "pve-02,pve-01",
    });
    await simulator.request("POST", path, { type: "simple", zone: "internal" });
    const office = { type: "vlan", zone: "office", bridge: "vmbr0", mtu: 1400, nodes: "pve-01,pve-02", digest };
    expect(await simulator.request("GET", path)).toEqual([{ type: "simple", zone: "internal", digest }, office]);
    expect(await simulator.request("GET", path, { type: "vlan" })).toEqual([office]);
    await simulator.request("PUT", `${path}/office`, { bridge: "vmbr1", delete: "mtu,nodes" });
    expect(await simulator.request("GET", `${path}/office`)).toEqual({
      type: "vlan",
      zone: "office",
      bridge: "vmbr1",
      digest,
    });
    await simulator.request("DELETE", `${path}/office`);
    expect(await simulator.request("GET", path)).toMatchObject([{ zone: "internal" }]);
  });

  test.for([
    [
      { type: "simple", zone: "internal" },
      "500 create sdn zone object failed: sdn zone object ID 'internal' already defined",
    ],
    [{ type: "vlan", zone: "office" }, "500 missing value for required option 'bridge'"],
    [{ type: "simple", zone: "office", bridge: "vmbr0" }, "500 unexpected property 'bridge'"],
    [
      { type: "simple", zone: "office", dns: "nobody" },
      "500 create sdn zone object failed: 400 Parameter verification failed.\ndns: nobody don't exist",
    ],
    [
      { type: "simple", zone: "office", dnszone: "example.com" },
      "500 create sdn zone object failed: 400 Parameter verification failed.\ndnszone: missing dns server",
    ],
    [
      { type: "simple", zone: "office", ipam: "nobody" },
      "500 create sdn zone object failed: 400 Parameter verification failed.\nipam: nobody not existing",
    ],
    [
      { type: "vxlan", zone: "office" },
      "500 create sdn zone object failed: 400 Parameter verification failed.\npeers: must have exactly one of peers / fabric defined\nfabric: must have exactly one of peers / fabric defined",
    ],
    [{ type: "simple", zone: "longnames" }, { zone: "value may only be 8 characters long" }],
    [{ type: "simple", zone: "a-b" }, { zone: "value does not match the regex pattern" }],
  ] as const)("POST /cluster/sdn/zones refuses %o", async ([parameters, expected], { simulator }) => {
    await writeNetwork(simulator);
    expect(await refusal(simulator, "POST", path, parameters)).toEqual(expected);
  });

  test("PUT and DELETE /cluster/sdn/zones/{zone} refuse what is not there, in use, required or stale", async ({
    simulator,
  }) => {
    await writeNetwork(simulator);
    expect(await refusal(simulator, "GET", `${path}/nowhere`)).toBe("500 sdn 'nowhere' does not exist");
    expect(await refusal(simulator, "DELETE", `${path}/nowhere`)).toBe(
      "500 delete sdn zone object failed: sdn 'nowhere' does not exist",
    );
    expect(await refusal(simulator, "DELETE", `${path}/internal`)).toMatch(
      /^500 delete sdn zone object failed: zone internal is used by vnet guests at /,
    );
    expect(await refusal(simulator, "PUT", `${path}/internal`, { delete: "bridge" })).toBe(
      "500 update sdn zone object failed: no such option 'bridge'",
    );
    expect(await refusal(simulator, "PUT", `${path}/internal`, { mtu: "1400", digest: "0".repeat(40) })).toBe(
      "500 update sdn zone object failed: detected modified configuration - file changed by other user? Try again.",
    );
    await simulator.request("POST", `${sdn}/vnets/guests/subnets`, { subnet: "10.20.0.0/24", type: "subnet" });
    expect(await refusal(simulator, "PUT", `${path}/internal`, { delete: "ipam" })).toBe(
      "500 update sdn zone object failed: 400 Parameter verification failed.\nipam: can't change ipam if a subnet is already defined in this zone",
    );
  });
});

describe("vnets", () => {
  const path = `${sdn}/vnets`;

  test("GET, POST, PUT and DELETE /cluster/sdn/vnets", async ({ simulator }) => {
    await writeNetwork(simulator);
    const vnet = { type: "vnet", vnet: "guests", zone: "internal", alias: "all guests", digest };
    expect(await simulator.request("GET", path)).toEqual([vnet]);
    await simulator.request("PUT", `${path}/guests`, { vlanaware: "1", delete: "alias" });
    expect(await simulator.request("GET", `${path}/guests`)).toEqual({
      type: "vnet",
      vnet: "guests",
      zone: "internal",
      vlanaware: 1,
      digest,
    });
    await simulator.request("DELETE", `${path}/guests`);
    expect(await simulator.request("GET", path)).toEqual([]);
    expect(await refusal(simulator, "GET", `${path}/guests`)).toBe("500 sdn vnet 'guests' does not exist");
  });

  test.for([
    [{ vnet: "guests", zone: "internal" }, "sdn vnet object ID 'guests' already defined"],
    [
      { vnet: "other", zone: "nowhere" },
      "cannot lookup undefined type! at /usr/share/perl5/PVE/API2/Network/SDN/Vnets.pm line 244.",
    ],
    [
      { vnet: "other", zone: "internal", tag: "7" },
      "400 Parameter verification failed.\ntag: vlan tag is not allowed on simple zone",
    ],
    [{ vnet: "other", zone: "office" }, "400 Parameter verification failed.\ntag: missing vlan tag"],
    [
      { vnet: "other", zone: "office", tag: "5000" },
      "400 Parameter verification failed.\ntag: vlan tag max value is 4096",
    ],
    [
      { vnet: "other", zone: "office", tag: "20" },
      "400 Parameter verification failed.\ntag: tag 20 already exist in vnet office20",
    ],
    [{ vnet: "other", zone: "tunnels" }, "400 Parameter verification failed.\ntag: missing vxlan tag"],
    [
      { vnet: "other", zone: "tunnels", tag: "20" },
      "400 Parameter verification failed.\ntag: vxlan tag 20 already exist in vnet tunnel20 in zone tunnels ",
    ],
    [
      { vnet: "other", zone: "double" },
      "400 Parameter verification failed.\ntag: tag-less vnet already exists in zone double vnet plain",
    ],
  ] as const)("POST /cluster/sdn/vnets refuses %o", async ([parameters, problem], { simulator }) => {
    await writeNetwork(simulator);
    const zones = [
      { type: "vlan", zone: "office", bridge: "vmbr0" },
      { type: "vxlan", zone: "tunnels", peers: "10.10.0.11,10.10.0.12" },
      { type: "qinq", zone: "double", bridge: "vmbr0", tag: "9" },
    ];
    for (const zone of zones) await simulator.request("POST", `${sdn}/zones`, zone);
    await simulator.request("POST", path, { vnet: "office20", zone: "office", tag: "20" });
    await simulator.request("POST", path, { vnet: "tunnel20", zone: "tunnels", tag: "20" });
    await simulator.request("POST", path, { vnet: "plain", zone: "double" });
    expect(await refusal(simulator, "POST", path, parameters)).toBe(`500 create sdn vnet object failed: ${problem}`);
  });

  test("a vnet with subnets keeps its zone, and stays", async ({ simulator }) => {
    await writeNetwork(simulator);
    await simulator.request("POST", `${sdn}/zones`, { type: "simple", zone: "other" });
    await simulator.request("POST", `${path}/guests/subnets`, { subnet: "10.20.0.0/24", type: "subnet" });
    const failed = "failed: 400 Parameter verification failed.";
    expect(await refusal(simulator, "PUT", `${path}/guests`, { zone: "other" })).toBe(
      `500 update sdn vnet object ${failed}\nzone: can't change zone if subnets exist`,
    );
    expect(await refusal(simulator, "PUT", `${path}/guests`, { vlanaware: "1" })).toBe(
      `500 update sdn vnet object ${failed}\nvlanaware: vlanaware vnet is not compatible with subnets`,
    );
    expect(await refusal(simulator, "DELETE", `${path}/guests`)).toBe(
      `500 delete sdn vnet object ${failed}\nvnet: Can't delete vnet if subnets exists`,
    );
  });
});

describe("subnets", () => {
  const path = `${sdn}/vnets/guests/subnets`;
  const subnet = { subnet: "10.20.0.0/24", type: "subnet", gateway: "10.20.0.1" };

  test("GET, POST, PUT and DELETE …/subnets", async ({ simulator }) => {
    await writeNetwork(simulator);
    const range = "start-address=10.20.0.100,end-address=10.20.0.199";
    await simulator.request("POST", path, { ...subnet, snat: "1", "dhcp-range": range });
    const shown = {
      id: "internal-10.20.0.0-24",
      subnet: "internal-10.20.0.0-24",
      type: "subnet",
      vnet: "guests",
      zone: "internal",
      cidr: "10.20.0.0/24",
      network: "10.20.0.0",
      mask: "24",
      gateway: "10.20.0.1",
      "dhcp-range": [{ "start-address": "10.20.0.100", "end-address": "10.20.0.199" }],
    };
    expect(await simulator.request("GET", path)).toEqual([{ ...shown, snat: 1, digest }]);
    await simulator.request("PUT", `${path}/internal-10.20.0.0-24`, { delete: "snat" });
    expect(await simulator.request("GET", `${path}/internal-10.20.0.0-24`)).toEqual({ ...shown, digest });
    await simulator.request("DELETE", `${path}/internal-10.20.0.0-24`);
    expect(await simulator.request("GET", path)).toEqual([]);
  });

  test.for([
    [{}, "500 create sdn subnet object failed: sdn subnet object ID 'internal-10.20.0.0-24' already defined"],
    [{ subnet: "10.30.0.0" }, { subnet: "invalid format - value does not look like a valid CIDR network" }],
    [
      { subnet: "10.30.0.0/24" },
      "500 create sdn subnet object failed: 400 Parameter verification failed.\ngateway: 10.20.0.1 is not in subnet 10.30.0.0/24",
    ],
    [
      { subnet: "10.20.0.0/25", "dhcp-range": "start-address=10.20.0.100,end-address=10.20.0.200" },
      "500 create sdn subnet object failed: 400 Parameter verification failed.\ndhcp-range: end-address 10.20.0.200 is not in subnet 10.20.0.0/25",
    ],
    [
      { subnet: "10.20.0.0/25", "dhcp-range": "start-address=10.20.0.9,end-address=10.20.0.5" },
      "500 create sdn subnet object failed: 400 Parameter verification failed.\ndhcp-range: start-address 10.20.0.9 must be smaller than end-address 10.20.0.5",
    ],
    [
      { "dhcp-range": "start-address=10.20.0.9" },
      { "dhcp-range": "invalid format - format error\nend-address: property is missing and it is not optional\n" },
    ],
  ] as const)("POST …/subnets refuses %o", async ([wrong, expected], { simulator }) => {
    await writeNetwork(simulator);
    await simulator.request("POST", path, subnet);
    expect(await refusal(simulator, "POST", path, { ...subnet, ...wrong })).toEqual(expected);
  });

  test("GET …/subnets refuses a vnet that is not there", async ({ simulator }) => {
    expect(await refusal(simulator, "GET", path)).toBe("500 sdn vnet 'guests' does not exist");
  });
});

describe("PUT /cluster/sdn", () => {
  const vnets = `${sdn}/vnets`;

  test("applies what is written, node by node", async ({ simulator, run, clock }) => {
    await writeNetwork(simulator);
    expect(await simulator.request("GET", vnets, { pending: "1" })).toEqual([
      { type: "vnet", vnet: "guests", state: "new", pending: { zone: "internal", alias: "all guests" } },
    ]);
    expect(await simulator.request("GET", vnets, { running: "1" })).toEqual([]);
    expect(await simulator.request("GET", "/nodes/pve-01/sdn/zones")).toEqual([]);
    const upid = await simulator.request<string>("PUT", sdn);
    expect(upid).toMatch(/^UPID:pve-01:.*:reloadnetworkall::root@pam/);
    expect(await simulator.request("GET", "/nodes/pve-02/sdn/zones")).toEqual([
      { zone: "internal", status: "pending" },
    ]);
    expect(await simulator.request("GET", "/nodes/pve-02/sdn/zones/internal/content")).toEqual([
      {
        vnet: "guests",
        status: "pending",
        statusmsg: "local sdn network configuration is not yet generated, please reload",
      },
    ]);
    clock.advance(60);
    expect(await simulator.request("GET", "/nodes/pve-02/sdn/zones")).toEqual([
      { zone: "internal", status: "available" },
    ]);
    const tasks = await simulator.request<{ type: string }[]>("GET", "/nodes/pve-02/tasks");
    expect(tasks.map(({ type }) => type)).toEqual(["srvreload"]);
    const applied = { type: "vnet", vnet: "guests", zone: "internal", alias: "all guests" };
    expect(await simulator.request("GET", vnets, { pending: "1" })).toEqual([applied]);
    expect(await simulator.request("GET", vnets, { running: "1" })).toEqual([applied]);
    expect(await run("PUT", sdn)).toBe("OK");
  });

  test("GET …?pending=1 shows what is changed and deleted", async ({ simulator, run }) => {
    await writeNetwork(simulator);
    await run("PUT", sdn);
    await simulator.request("PUT", `${vnets}/guests`, { vlanaware: "1", delete: "alias" });
    const before = { type: "vnet", vnet: "guests", zone: "internal", alias: "all guests" };
    expect(await simulator.request("GET", vnets, { pending: "1" })).toEqual([
      { ...before, state: "changed", pending: { vlanaware: 1, alias: "deleted" } },
    ]);
    await simulator.request("DELETE", `${vnets}/guests`);
    expect(await simulator.request("GET", vnets, { pending: "1" })).toEqual([
      { ...before, state: "deleted", pending: {} },
    ]);
    await simulator.request("POST", `${sdn}/rollback`);
    expect(await simulator.request("GET", vnets)).toEqual([{ ...before, digest }]);
  });
});

describe("the lock", () => {
  const refused = "invalid lock token provided! at /usr/share/perl5/PVE/Network/SDN.pm line 305.";

  test("POST /cluster/sdn/lock keeps others from writing until it is released", async ({ simulator, run }) => {
    const token = await simulator.request<string>("POST", `${sdn}/lock`);
    expect(token).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    const zone = { type: "simple", zone: "internal" };
    expect(await refusal(simulator, "POST", `${sdn}/zones`, zone)).toBe(
      `500 create sdn zone object failed: ${refused}`,
    );
    await simulator.request("POST", `${sdn}/zones`, { ...zone, "lock-token": token });
    expect(await refusal(simulator, "PUT", sdn)).toBe(`500 could not commit SDN config: ${refused}`);
    expect(await run("PUT", sdn, { "lock-token": token })).toBe("OK");
    expect(await refusal(simulator, "POST", `${sdn}/lock`)).toBe(
      `500 could not acquire lock for SDN config: ${refused}`,
    );
    expect(await run("PUT", sdn, { "lock-token": token, "release-lock": "1" })).toBe("OK");
    await simulator.request("POST", `${sdn}/lock`);
    expect(await refusal(simulator, "DELETE", `${sdn}/lock`)).toBe(`500 could not release lock: ${refused}`);
    await simulator.request("DELETE", `${sdn}/lock`, { force: "1" });
    await simulator.request("PUT", `${sdn}/zones/internal`, { mtu: "1400" });
  });

  test("POST /cluster/sdn/lock refuses pending changes, unless they are allowed", async ({ simulator }) => {
    await writeNetwork(simulator);
    expect(await refusal(simulator, "POST", `${sdn}/lock`)).toMatch(
      /^500 could not acquire lock for SDN config: configuration has pending changes at /,
    );
    await simulator.request("POST", `${sdn}/lock`, { "allow-pending": "1" });
  });
});

describe("controllers, IPAMs and name servers", () => {
  test("GET, POST, PUT and DELETE /cluster/sdn/controllers", async ({ simulator }) => {
    const path = `${sdn}/controllers`;
    const evpn = { type: "evpn", controller: "routers", asn: "65000", peers: "10.10.0.11" };
    await simulator.request("POST", path, evpn);
    expect(await simulator.request("GET", `${path}/routers`)).toEqual({ ...evpn, asn: 65000, digest });
    expect(await simulator.request("GET", path, { pending: "1" })).toMatchObject([
      { controller: "routers", state: "new" },
    ]);
    expect(await refusal(simulator, "PUT", `${path}/routers`, { delete: "peers" })).toMatch(
      /^500 update sdn controller object failed: must have exactly one of peers \/ fabric defined at /,
    );
    const zone = { type: "evpn", zone: "evpn", controller: "routers", "vrf-vxlan": "10000" };
    await simulator.request("POST", `${sdn}/zones`, zone);
    expect(await simulator.request("GET", `${sdn}/zones/evpn`)).toMatchObject({
      "vrf-vxlan": 10000,
      mac: expect.stringMatching(/^BC:24:11(:[0-9A-F]{2}){3}$/) as string,
    });
    expect(await refusal(simulator, "POST", `${sdn}/zones`, { ...zone, zone: "other" })).toMatch(
      /^500 create sdn zone object failed: vrf-vxlan 10000 is already declared in evpn at /,
    );
    expect(await refusal(simulator, "DELETE", `${path}/routers`)).toMatch(
      /^500 delete sdn controller object failed: controller routers is used by evpn at /,
    );
    await simulator.request("DELETE", `${sdn}/zones/evpn`);
    await simulator.request("DELETE", `${path}/routers`);
    expect(await simulator.request("GET", path)).toEqual([]);
  });

  test("GET /cluster/sdn/ipams has Proxmox's own, which keeps the gateways", async ({ simulator, run }) => {
    expect(await simulator.request("GET", `${sdn}/ipams`)).toEqual([{ type: "pve", ipam: "pve", digest }]);
    await writeNetwork(simulator);
    const subnet = { subnet: "10.20.0.0/24", type: "subnet", gateway: "10.20.0.1" };
    await simulator.request("POST", `${sdn}/vnets/guests/subnets`, subnet);
    await run("PUT", sdn);
    expect(await simulator.request("GET", `${sdn}/ipams/pve/status`)).toEqual([
      { zone: "internal", subnet: "10.20.0.0/24", vnet: "guests", ip: "10.20.0.1", gateway: 1 },
    ]);
    expect(await refusal(simulator, "DELETE", `${sdn}/ipams/netbox`)).toBe(
      "500 delete sdn zone object failed: sdn 'netbox' does not exist",
    );
  });

  test("GET, POST, PUT and DELETE /cluster/sdn/dns", async ({ simulator }) => {
    const server = {
      type: "powerdns",
      dns: "names",
      url: "http://10.10.0.1:8081/api/v1/servers/localhost",
      key: "secret",
    };
    await simulator.request("POST", `${sdn}/dns`, server);
    await simulator.request("PUT", `${sdn}/dns/names`, { ttl: "60" });
    expect(await simulator.request("GET", `${sdn}/dns/names`)).toEqual({ ...server, ttl: 60, digest });
    await simulator.request("DELETE", `${sdn}/dns/names`);
    expect(await simulator.request("GET", `${sdn}/dns`)).toEqual([]);
  });
});

test("GET …/sdn/zones/{zone}/bridges shows the ports of guests", async ({ simulator, run }) => {
  await writeNetwork(simulator);
  await run("PUT", sdn);
  await run("POST", "/nodes/pve-01/lxc", {
    vmid: "101",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-zfs:8",
    net0: "name=eth0,bridge=guests,firewall=1",
    start: "1",
  });
  expect(await simulator.request("GET", "/nodes/pve-01/sdn/zones/internal/bridges")).toEqual([
    { name: "guests", vlan_filtering: "0", ports: [{ name: "fwpr101p0", vmid: 101, index: "net0" }] },
  ]);
  expect(await simulator.request("GET", "/nodes/pve-01/sdn/zones/localnetwork/bridges")).toEqual([
    { name: "vmbr0", vlan_filtering: "1", ports: [{ name: "enp1s0" }] },
  ]);
  expect(await refusal(simulator, "GET", "/nodes/pve-01/sdn/zones/nowhere/bridges")).toEqual({
    zone: "zone does not exist",
  });
});

test("lists leave out what one may not see", async ({ simulator }) => {
  await writeNetwork(simulator);
  await simulator.request("POST", `${sdn}/zones`, { type: "simple", zone: "other" });
  simulator.change(({ access }) => {
    const token = { secret: "11111111-2222-3333-4444-555555555555", privsep: false, expire: 0 };
    access.users["reader@pve"] = { enable: true, expire: 0, tokens: { lists: token } };
    const entry = { path: "/sdn/zones/internal", type: "user", ugid: "reader@pve", propagate: true } as const;
    access.acl.push({ ...entry, roleid: "PVEAuditor" });
  });
  const ask = withToken(simulator, "reader@pve!lists=11111111-2222-3333-4444-555555555555");
  expect(await ask("GET", `${sdn}/zones`)).toMatchObject([{ zone: "internal" }]);
  expect(await ask("GET", `${sdn}/vnets`)).toMatchObject([{ vnet: "guests" }]);
  expect(await ask("GET", `${sdn}/ipams`)).toEqual([]);
  await expect(ask("PUT", `${sdn}/vnets/guests`, { alias: "mine" })).rejects.toMatchObject({
    status: 403,
    message: "Permission check failed (/sdn/zones/internal/guests, SDN.Allocate)",
  });
});
