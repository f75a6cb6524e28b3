import type { Simulator } from "@proxmox-homelab/simulator";
import { describe, expect } from "vitest";
import { macros } from "../../simulator/src/firewall/macros.ts";
import { test } from "./simulator-test.ts";

const cluster = "/cluster/firewall";
const container = "/nodes/pve-01/lxc/101/firewall";
const digest = expect.stringMatching(/^[0-9a-f]{40}$/) as string;

interface Rule {
  readonly pos: number;
  readonly digest: string;
  readonly comment?: string;
}

const levels = [
  ["the cluster", cluster],
  ["a node", "/nodes/pve-01/firewall"],
  ["a container", container],
  ["a security group", `${cluster}/groups/web`],
  ["a vnet", "/cluster/sdn/vnets/guests/firewall"],
] as const;

type Run = (method: string, path: string, parameters: Readonly<Record<string, string>>) => Promise<string>;

/** Makes a container, a group and an applied vnet, so that there is a firewall of every kind. */
async function prepare(simulator: Simulator, run: Run): Promise<void> {
  await run("POST", "/nodes/pve-01/lxc", {
    vmid: "101",
    hostname: "grafana",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-zfs:8",
  });
  await simulator.request("POST", `${cluster}/groups`, { group: "web", comment: "what the web needs" });
  simulator.change(({ sdn: { running } }) => {
    running.zones["internal"] = { type: "simple" };
    running.vnets["guests"] = { type: "vnet", zone: "internal" };
  });
}

function rulesPath(path: string): string {
  return path.includes("/groups/") ? path : `${path}/rules`;
}

async function comments(simulator: Simulator, path: string): Promise<(string | undefined)[]> {
  const rules = await simulator.request<Rule[]>("GET", path);
  return rules.map(({ comment }) => comment);
}

describe.for(levels)("rules of %s", ([, base]) => {
  const path = rulesPath(base);
  const type = base.includes("vnets") ? "forward" : "in";

  test("GET …/rules shows a new rule first", async ({ simulator, run }) => {
    await prepare(simulator, run);
    await simulator.request("POST", path, { type, action: "ACCEPT", comment: "one", proto: "tcp", dport: "22" });
    await simulator.request("POST", path, { type, action: "DROP", comment: "two", enable: "1" });
    expect(await simulator.request("GET", path)).toEqual([
      { pos: 0, type, action: "DROP", comment: "two", enable: 1, digest },
      { pos: 1, type, action: "ACCEPT", comment: "one", enable: 0, proto: "tcp", dport: "22", digest },
    ]);
    expect(await simulator.request("GET", `${path}/1`)).toMatchObject({ pos: "1", comment: "one" });
  });

  test("PUT …/rules/{pos} changes, deletes and moves", async ({ simulator, run }) => {
    await prepare(simulator, run);
    for (const comment of ["c", "b", "a"]) await simulator.request("POST", path, { type, action: "ACCEPT", comment });
    await simulator.request("PUT", `${path}/1`, { enable: "1", comment: "changed", log: "info" });
    expect(await simulator.request("GET", `${path}/1`)).toMatchObject({ enable: 1, comment: "changed", log: "info" });
    await simulator.request("PUT", `${path}/1`, { delete: "comment,log" });
    expect(await simulator.request("GET", `${path}/1`)).toEqual({
      pos: "1",
      type,
      action: "ACCEPT",
      enable: 1,
      digest,
    });
    await simulator.request("PUT", `${path}/2`, { moveto: "0" });
    expect(await comments(simulator, path)).toEqual(["c", "a", undefined]);
    await simulator.request("PUT", `${path}/0`, { moveto: "2" });
    expect(await comments(simulator, path)).toEqual(["a", "c", undefined]);
    await simulator.request("PUT", `${path}/0`, { moveto: "3" });
    expect(await comments(simulator, path)).toEqual(["c", undefined, "a"]);
  });

  test("DELETE …/rules/{pos} refuses a stale digest and a position that is not there", async ({ simulator, run }) => {
    await prepare(simulator, run);
    await simulator.request("POST", path, { type, action: "ACCEPT" });
    const [rule] = await simulator.request<Rule[]>("GET", path);
    await simulator.request("POST", path, { type, action: "DROP" });
    const stale = { digest: rule?.digest ?? "" };
    await expect(simulator.request("DELETE", `${path}/0`, stale)).rejects.toMatchObject({
      status: 500,
      message: "detected modified configuration - file changed by other user? Try again.",
    });
    await simulator.request("DELETE", `${path}/0`);
    await expect(simulator.request("DELETE", `${path}/1`)).rejects.toMatchObject({
      status: 500,
      message: "no rule at position 1",
    });
    await simulator.request("DELETE", `${path}/0`);
    expect(await simulator.request("GET", path)).toEqual([]);
  });
});

describe("POST …/rules", () => {
  const accept = { type: "in", action: "ACCEPT" };

  test.for([
    [{ action: "ALLOW" }, "action", "unknown action 'ALLOW'"],
    [{ type: "forward", action: "REJECT" }, "action", "cannot define REJECT rules on forward chain"],
    [{ macro: "Quake" }, "macro", "unknown macro 'Quake'"],
    [{ macro: "ssh", proto: "udp" }, "proto", "parameter 'proto' already define in macro (value = 'tcp')"],
    [{ dport: "80" }, "proto", "missing property - 'dport' requires this property"],
    [{ dport: "80", proto: "gre" }, "dport", "protocol 'gre' does not support ports"],
    [{ dport: "70000", proto: "tcp" }, "dport", "invalid format - invalid port '70000'"],
    [{ dport: "nonsense", proto: "tcp" }, "dport", "invalid format - invalid port 'nonsense'"],
    [
      { dport: "90:80", proto: "tcp" },
      "dport",
      "invalid format - backwards range '90:80' not allowed, did you mean '80:90'?",
    ],
    [{ sport: "80," }, "sport", "invalid format - extraneous commas in list"],
    [{ proto: "quic" }, "proto", "invalid format - unknown protocol 'quic'"],
    [{ "icmp-type": "echo" }, "icmp-type", "invalid format - invalid icmp-type value 'echo'"],
    [{ "icmp-type": "any" }, "proto", "missing property - 'icmp-type' requires this property"],
    [{ "icmp-type": "any", proto: "icmpv6" }, "icmp-type", "invalid icmp-type 'any' for proto 'icmpv6'"],
    [{ source: "web-servers" }, "source", "no such alias 'web-servers'"],
    [{ source: "+web-servers" }, "source", "no such ipset 'web-servers'"],
    [{ source: "+9" }, "source", "invalid ipset name '+9'"],
    [
      { source: "10.0.0.300" },
      "source",
      "invalid format - invalid IP address: Invalid quad in IP address 10.0.0.300 - 300",
    ],
    [
      { source: "10.0.0.1/24" },
      "source",
      "invalid format - invalid IP address: Invalid prefix 00001010000000000000000000000001/24",
    ],
    [
      { source: "10.0.0.1,fe80::1" },
      "source",
      "invalid format - detected mixed ipv4/ipv6 addresses in address list '10.0.0.1,fe80::1'",
    ],
    [{ source: "10.0.0.1-10.0.0.5,10.0.0.9" }, "source", "invalid format - you can't use a range in a list"],
    [{ source: "10.0.0.1", dest: "fe80::1" }, "dest", "detected mixed ipv4/ipv6 addresses in rule"],
    [{ iface: "eth0!" }, "iface", "invalid format - invalid network interface name 'eth0!'"],
  ] as const)("refuses %o", async ([wrong, name, problem], { simulator }) => {
    await expect(simulator.request("POST", `${cluster}/rules`, { ...accept, ...wrong })).rejects.toMatchObject({
      status: 400,
      errors: { [name]: problem },
    });
    expect(await simulator.request("GET", `${cluster}/rules`)).toEqual([]);
  });

  test.for([
    [
      `${cluster}/groups/web`,
      { type: "group", action: "other" },
      "type",
      "invalid rule type 'group' for rule_env 'group'",
    ],
    [`${cluster}/groups/web`, { iface: "vmbr0" }, "type", "parameter -i not allowed for this rule type"],
    [`${container}/rules`, { type: "forward" }, "type", "invalid rule type 'forward' for rule_env 'ct'"],
    [`${container}/rules`, { iface: "eth0" }, "iface", String.raw`value does not match the regex pattern 'net\d+'`],
    ["/cluster/sdn/vnets/guests/firewall/rules", {}, "type", "invalid rule type 'in' for rule_env 'vnet'"],
  ] as const)("on %s refuses %o", async ([path, wrong, name, problem], { simulator, run }) => {
    await prepare(simulator, run);
    await expect(simulator.request("POST", path, { ...accept, ...wrong })).rejects.toMatchObject({
      status: 400,
      errors: { [name]: problem },
    });
  });

  test("takes names of the guest and of the cluster, and tells the IP version", async ({ simulator, run }) => {
    await prepare(simulator, run);
    await simulator.request("POST", `${cluster}/aliases`, { name: "Office", cidr: "fd00::/64" });
    await simulator.request("POST", `${container}/ipset`, { name: "friends" });
    const rule = { ...accept, macro: "ssh", source: "office", dest: "+guest/friends" };
    await simulator.request("POST", `${container}/rules`, rule);
    const rules = await simulator.request("GET", `${container}/rules`);
    expect(rules).toMatchObject([{ macro: "SSH", source: "office", dest: "+guest/friends", ipversion: 6 }]);
    await simulator.request("DELETE", `${cluster}/aliases/office`);
    expect(await simulator.request("GET", `${container}/rules`)).toMatchObject([
      { errors: { source: "no such alias 'office'" } },
    ]);
  });

  test("takes the sets of an applied vnet", async ({ simulator, run }) => {
    await prepare(simulator, run);
    await simulator.request("POST", `${cluster}/rules`, { ...accept, source: "+sdn/guests-all" });
    expect(await simulator.request("GET", `${cluster}/refs`, { type: "ipset" })).toContainEqual({
      type: "ipset",
      name: "guests-all",
      ref: "+guests-all",
      scope: "sdn",
      comment: "All subnets of VNet guests",
    });
  });
});

describe("aliases", () => {
  test("GET, POST, PUT and DELETE …/aliases", async ({ simulator }) => {
    const path = `${cluster}/aliases`;
    await simulator.request("POST", path, { name: "Router", cidr: "10.10.0.1/32", comment: "the way out" });
    await simulator.request("POST", path, { name: "guests", cidr: "10.20.0.0/24" });
    expect(await simulator.request("GET", path)).toEqual([
      { name: "guests", cidr: "10.20.0.0/24", ipversion: 4, digest },
      { name: "Router", cidr: "10.10.0.1", ipversion: 4, comment: "the way out", digest },
    ]);
    expect(await simulator.request("GET", `${path}/router`)).toEqual({
      name: "Router",
      cidr: "10.10.0.1",
      ipversion: 4,
      comment: "the way out",
    });
    await simulator.request("PUT", `${path}/Router`, { cidr: "fe80::1", rename: "gateway" });
    expect(await simulator.request("GET", `${path}/gateway`)).toEqual({
      name: "gateway",
      cidr: "fe80::1",
      ipversion: 6,
    });
    await simulator.request("DELETE", `${path}/gateway`);
    await simulator.request("DELETE", `${path}/gateway`);
    expect(await simulator.request("GET", path)).toMatchObject([{ name: "guests" }]);
  });

  test.for([
    ["POST", "", { name: "TAKEN", cidr: "10.0.0.1" }, { name: "alias 'TAKEN' already exists" }],
    [
      "POST",
      "",
      { name: "wide", cidr: "10.0.0.0/33" },
      { cidr: "invalid format - Prefix length 33 is longer than IP address (00001010000000000000000000000000)" },
    ],
    [
      "POST",
      "",
      { name: "host", cidr: "example.com" },
      { cidr: "invalid format - value does not look like a valid IP address or CIDR network" },
    ],
    ["POST", "", { name: "1st", cidr: "10.0.0.1" }, { name: "value does not match the regex pattern" }],
    ["GET", "/nobody", {}, { name: "no such alias" }],
    ["PUT", "/nobody", { cidr: "10.0.0.1" }, { name: "no such alias" }],
    ["PUT", "/other", { cidr: "10.0.0.1", rename: "Taken" }, { name: "alias 'Taken' already exists" }],
  ] as const)("%s …/aliases%s refuses %o", async ([method, below, parameters, errors], { simulator }) => {
    const path = `${cluster}/aliases`;
    await simulator.request("POST", path, { name: "taken", cidr: "10.0.0.1" });
    await simulator.request("POST", path, { name: "other", cidr: "10.0.0.2" });
    await expect(simulator.request(method, path + below, parameters)).rejects.toMatchObject({ status: 400, errors });
  });
});

describe("ipsets", () => {
  const path = `${container}/ipset`;

  test("GET, POST and DELETE …/ipset, by lower-case names", async ({ simulator, run }) => {
    await prepare(simulator, run);
    await simulator.request("POST", path, { name: "Friends", comment: "may come in" });
    expect(await simulator.request("GET", path)).toEqual([{ name: "friends", comment: "may come in", digest }]);
    await simulator.request("POST", path, { name: "guests", rename: "friends" });
    expect(await simulator.request("GET", path)).toEqual([{ name: "guests", comment: "may come in", digest }]);
    await simulator.request("POST", `${path}/guests`, { cidr: "10.0.0.1" });
    await expect(simulator.request("DELETE", `${path}/guests`)).rejects.toMatchObject({
      status: 500,
      message: "IPSet 'guests' is not empty",
    });
    await simulator.request("DELETE", `${path}/guests`, { force: "1" });
    expect(await simulator.request("GET", path)).toEqual([]);
  });

  test("GET, POST, PUT and DELETE …/ipset/{name}/{cidr}, with the slash encoded or not", async ({ simulator, run }) => {
    await prepare(simulator, run);
    await simulator.request("POST", path, { name: "friends" });
    await simulator.request("POST", `${path}/friends`, { cidr: "10.0.0.77/24", comment: "all" });
    await simulator.request("POST", `${path}/friends`, { cidr: "10.0.0.9/32", nomatch: "1" });
    await simulator.request("POST", `${path}/friends`, { cidr: "fd00:0:0::1/64" });
    expect(await simulator.request("GET", `${path}/friends`)).toEqual([
      { cidr: "10.0.0.0/24", comment: "all", digest },
      { cidr: "10.0.0.9", nomatch: 1, digest },
      { cidr: "fd00::/64", digest },
    ]);
    const entry = { cidr: "10.0.0.0/24", comment: "all", digest };
    expect(await simulator.request("GET", `${path}/friends/10.0.0.0/24`)).toEqual(entry);
    expect(await simulator.request("GET", `${path}/friends/10.0.0.0%2F24`)).toEqual(entry);
    await simulator.request("PUT", `${path}/friends/10.0.0.0%2F24`, { nomatch: "1" });
    expect(await simulator.request("GET", `${path}/friends/10.0.0.0/24`)).toEqual({
      cidr: "10.0.0.0/24",
      nomatch: 1,
      digest,
    });
    await simulator.request("DELETE", `${path}/friends/10.0.0.0/24`);
    await expect(simulator.request("GET", `${path}/friends/10.0.0.0/24`)).rejects.toMatchObject({
      errors: { cidr: "no such IP/Network" },
    });
  });

  test.for([
    [400, { cidr: "10.0.0.1/32" }, { cidr: "address '10.0.0.1' already exists" }, undefined],
    [400, { cidr: "0.0.0.0/0" }, { cidr: "a zero prefix is not allowed in ipset entries" }, undefined],
    [500, { cidr: "guest/nobody" }, undefined, "no such alias 'nobody'"],
  ] as const)(
    "POST …/ipset/{name} refuses with %i: %o",
    async ([status, parameters, errors, message], { simulator, run }) => {
      await prepare(simulator, run);
      await simulator.request("POST", path, { name: "friends" });
      await simulator.request("POST", `${path}/friends`, { cidr: "10.0.0.1" });
      const request = simulator.request("POST", `${path}/friends`, parameters);
      await expect(request).rejects.toMatchObject({ status, ...(errors === undefined ? { message } : { errors }) });
    },
  );

  test("POST …/ipset refuses names in use, and to rename what is not there", async ({ simulator, run }) => {
    await prepare(simulator, run);
    for (const name of ["friends", "family"]) await simulator.request("POST", path, { name });
    const refusal = (parameters: Record<string, string>) =>
      simulator.request("POST", path, parameters).catch((error: unknown) => (error as { errors: unknown }).errors);
    expect(await refusal({ name: "friends" })).toEqual({ name: "IPSet 'friends' already exists" });
    expect(await refusal({ name: "foes", rename: "enemies" })).toEqual({ name: "IPSet 'enemies' does not exist" });
    expect(await refusal({ name: "family", rename: "friends" })).toEqual({ name: "IPSet 'family' does already exist" });
    const stale = simulator.request("POST", path, { name: "kin", rename: "family", digest: "0".repeat(40) });
    await expect(stale).rejects.toMatchObject({ message: /^detected modified configuration/ });
    await expect(simulator.request("GET", `${path}/enemies`)).rejects.toMatchObject({
      status: 500,
      message: "no such IPSet 'enemies'",
    });
  });
});

describe("security groups", () => {
  test("GET, POST and DELETE …/groups; a rename goes on to the rules that use it", async ({ simulator, run }) => {
    await prepare(simulator, run);
    expect(await simulator.request("GET", `${cluster}/groups`)).toEqual([
      { group: "web", comment: "what the web needs", digest },
    ]);
    await simulator.request("POST", `${cluster}/groups/web`, { type: "in", action: "ACCEPT", macro: "HTTPS" });
    await simulator.request("POST", `${container}/rules`, {
      type: "group",
      action: "web",
      iface: "net0",
      source: "10.0.0.1",
    });
    await simulator.request("POST", `${cluster}/groups`, { group: "public", rename: "web" });
    expect(await simulator.request("GET", `${container}/rules`)).toEqual([
      { pos: 0, type: "group", action: "public", iface: "net0", enable: 0, digest },
    ]);
    await expect(simulator.request("DELETE", `${cluster}/groups/public`)).rejects.toMatchObject({
      status: 500,
      message: "Security group 'public' is not empty",
    });
    await simulator.request("DELETE", `${cluster}/groups/public/0`);
    await simulator.request("DELETE", `${cluster}/groups/public`);
    await expect(simulator.request("GET", `${cluster}/groups/public`)).rejects.toMatchObject({
      status: 500,
      message: "no such security group 'public'",
    });
  });

  test("POST …/groups refuses a group that exists", async ({ simulator, run }) => {
    await prepare(simulator, run);
    await expect(simulator.request("POST", `${cluster}/groups`, { group: "web" })).rejects.toMatchObject({
      status: 400,
      errors: { group: "Security group 'web' already exists" },
    });
  });
});

describe("options", () => {
  test.for([
    [cluster, { enable: "1", policy_in: "DROP" }, { enable: 1, policy_in: "DROP" }],
    ["/nodes/pve-01/firewall", { enable: "0", nf_conntrack_max: "40000" }, { enable: 0, nf_conntrack_max: 40000 }],
    [container, { enable: "1", dhcp: "1", log_level_in: "info" }, { enable: 1, dhcp: 1, log_level_in: "info" }],
    ["/cluster/sdn/vnets/guests/firewall", { policy_forward: "DROP" }, { policy_forward: "DROP" }],
  ] as const)("GET and PUT %s/options", async ([path, parameters, options], { simulator, run }) => {
    await prepare(simulator, run);
    expect(await simulator.request("GET", `${path}/options`)).toEqual({ digest });
    await simulator.request("PUT", `${path}/options`, parameters);
    expect(await simulator.request("GET", `${path}/options`)).toEqual({ ...options, digest });
    await simulator.request("PUT", `${path}/options`, { delete: Object.keys(parameters).join(",") });
    expect(await simulator.request("GET", `${path}/options`)).toEqual({ digest });
    await expect(simulator.request("PUT", `${path}/options`, { delete: "colour" })).rejects.toMatchObject({
      status: 400,
      errors: { delete: "no such option 'colour'" },
    });
  });

  test("PUT /cluster/firewall/options with enable=2 holds for a minute", async ({ simulator, clock }) => {
    await simulator.request("PUT", `${cluster}/options`, { enable: "2" });
    const { enable } = await simulator.request<{ enable: number }>("GET", `${cluster}/options`);
    expect(enable).toBeGreaterThan(1_000_000_000);
    clock.advance(61);
    expect(await simulator.request("GET", `${cluster}/options`)).toMatchObject({ enable: 0 });
  });
});

test("GET /cluster/firewall/macros lists every macro", async ({ simulator }) => {
  const list = await simulator.request<object[]>("GET", `${cluster}/macros`);
  expect(list).toHaveLength(macros.length);
  expect(list).toContainEqual({ macro: "DNS", descr: expect.any(String) as string });
});

test("GET …/refs lists the names of the cluster and the guest", async ({ simulator, run }) => {
  await prepare(simulator, run);
  await simulator.request("POST", `${cluster}/aliases`, { name: "Router", cidr: "10.10.0.1", comment: "the way out" });
  await simulator.request("POST", `${container}/aliases`, { name: "self", cidr: "10.20.0.10" });
  expect(await simulator.request("GET", `${container}/refs`, { type: "alias" })).toEqual([
    { type: "alias", name: "router", ref: "router", scope: "dc", comment: "the way out" },
    { type: "alias", name: "self", ref: "self", scope: "guest" },
  ]);
});

test("GET …/log says that there is nothing", async ({ simulator, run }) => {
  await prepare(simulator, run);
  for (const path of ["/nodes/pve-01/firewall/log", `${container}/log`])
    expect(await simulator.request("GET", path)).toEqual([{ n: 1, t: "no content" }]);
});

test("GET …/firewall/rules of a guest that is not there is an empty list", async ({ simulator }) => {
  expect(await simulator.request("GET", "/nodes/pve-01/qemu/999/firewall/rules")).toEqual([]);
});

test("GET …/vnets/{vnet}/firewall/rules refuses a vnet that is not applied", async ({ simulator }) => {
  await expect(simulator.request("GET", "/cluster/sdn/vnets/nowhere/firewall/rules")).rejects.toMatchObject({
    status: 500,
    message: /^invalid vnet specified/,
  });
});
