import type { Simulator } from "@proxmox-homelab/simulator";
import { expect } from "vitest";
import { facts, type EndpointKey } from "../../simulator/src/api/facts.ts";
import { ApiError } from "../../simulator/src/api-error.ts";
import { handlers } from "../../simulator/src/routes/handlers.ts";
import { logIn } from "./clients.ts";
import { conformanceProblem } from "./official-schema.ts";
import { test } from "./simulator-test.ts";

type Run = (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<string>;

/** A cluster with something of every kind. */
async function furnish(simulator: Simulator, run: Run): Promise<void> {
  const post = (path: string, parameters: Record<string, string>) => simulator.request("POST", path, parameters);
  await post("/pools", { poolid: "web" });
  await run("POST", "/nodes/pve-01/lxc", {
    vmid: "101",
    hostname: "web",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-zfs:4",
    net0: "name=eth0,bridge=vmbr0,ip=10.20.0.9/24",
    pool: "web",
    start: "1",
  });
  await run("POST", "/nodes/pve-01/lxc/101/snapshot", { snapname: "before" });
  await run("POST", "/nodes/pve-01/qemu", {
    vmid: "200",
    name: "vm",
    scsi0: "local-zfs:4",
    ide2: "local-zfs:cloudinit",
    net0: "virtio,bridge=vmbr0",
  });
  await run("POST", "/nodes/pve-01/qemu/200/snapshot", { snapname: "before" });
  await post("/storage", { storage: "nas", type: "nfs", server: "10.10.0.5", export: "/pve", content: "backup,iso" });
  await run("POST", "/nodes/pve-01/vzdump", { vmid: "101", storage: "nas" });
  await post("/cluster/backup", {
    id: "nightly",
    all: "1",
    schedule: "02:30",
    storage: "nas",
    "prune-backups": "keep-daily=7",
  });
  await post("/access/users", { userid: "ops@pve", comment: "operators" });
  await post("/access/groups", { groupid: "admins" });
  await post("/access/users/ops@pve/token/ci", {});
  await post("/access/roles", { roleid: "Watcher", privs: "VM.Audit" });
  for (const level of ["/cluster", "/nodes/pve-01", "/nodes/pve-01/lxc/101", "/nodes/pve-01/qemu/200"]) {
    await post(`${level}/firewall/rules`, { type: "in", action: "ACCEPT", proto: "tcp", dport: "443" });
    if (level === "/nodes/pve-01") continue;
    await post(`${level}/firewall/aliases`, { name: "router", cidr: "10.20.0.1" });
    await post(`${level}/firewall/ipset`, { name: "lan" });
    await post(`${level}/firewall/ipset/lan`, { cidr: "10.20.0.0/24" });
  }
  await post("/cluster/firewall/groups", { group: "web" });
  await post("/cluster/firewall/groups/web", { type: "in", action: "ACCEPT" });
  await post("/cluster/metrics/server/influx", { type: "influxdb", server: "10.20.0.11", port: "8089" });
  await post("/cluster/sdn/zones", { zone: "lan", type: "simple" });
  await post("/cluster/sdn/vnets", { vnet: "guests", zone: "lan" });
  await post("/cluster/sdn/vnets/guests/subnets", { subnet: "10.30.0.0/24", type: "subnet" });
  await run("PUT", "/cluster/sdn");
  await post("/cluster/sdn/vnets/guests/firewall/rules", { type: "forward", action: "ACCEPT" });
  await post("/cluster/ha/resources", { sid: "ct:101" });
  await post("/cluster/notifications/endpoints/gotify", {
    name: "phone",
    server: "https://push.example.com",
    token: "t",
  });
}

/** The values of a path's parameters, by name or by the path that they end. */
function valuesFor(path: string, upid: string): string {
  const byPath: Readonly<Record<string, string>> = {
    "/cluster/firewall/aliases/{name}": "router",
    "/cluster/metrics/server/{id}": "influx",
    "/cluster/backup/{id}": "nightly",
    "/cluster/notifications/endpoints/gotify/{name}": "phone",
    "/cluster/notifications/endpoints/sendmail/{name}": "mail-to-root",
    "/cluster/notifications/matchers/{name}": "default-matcher",
    "/nodes/{node}/disks/zfs/{name}": "rpool",
  };
  const byName: Readonly<Record<string, string>> = {
    cidr: "10.20.0.0%2F24",
    group: "web",
    groupid: "admins",
    iface: "vmbr0",
    ipam: "pve",
    node: "pve-01",
    poolid: "web",
    pos: "0",
    realm: "pam",
    roleid: "Watcher",
    service: "pveproxy",
    sid: "ct:101",
    snapname: "before",
    storage: "local",
    subnet: "lan-10.30.0.0-24",
    tokenid: "ci",
    upid,
    userid: "ops@pve",
    vmid: path.includes("/qemu/") ? "200" : "101",
    vnet: "guests",
    volume: "vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    zone: "lan",
  };
  const steps = path.split("/");
  return steps
    .map((step, index) => {
      const name = /^\{(.*)\}$/.exec(step)?.[1];
      if (name === undefined) return step;
      const here = byPath[steps.slice(0, index + 1).join("/")];
      if (here !== undefined) return here;
      if (name === "name") return path.includes("/ipset/") ? "lan" : path.includes("/aliases/") ? "router" : "x";
      return byName[name] ?? "x";
    })
    .join("/");
}

/** What has to be asked for. */
const required: Partial<Record<EndpointKey, Readonly<Record<string, string>>>> = {
  "GET /cluster/jobs/schedule-analyze": { schedule: "daily" },
  "GET /nodes/{node}/disks/smart": { disk: "/dev/nvme0n1" },
  "GET /nodes/{node}/lxc/{vmid}/feature": { feature: "snapshot" },
  "GET /nodes/{node}/lxc/{vmid}/rrddata": { timeframe: "hour" },
  "GET /nodes/{node}/qemu/{vmid}/cloudinit/dump": { type: "user" },
  "GET /nodes/{node}/qemu/{vmid}/feature": { feature: "snapshot" },
  "GET /nodes/{node}/qemu/{vmid}/rrddata": { timeframe: "hour" },
  "GET /nodes/{node}/query-url-metadata": { url: "https://example.com/a.iso" },
  "GET /nodes/{node}/rrddata": { timeframe: "hour" },
  "GET /nodes/{node}/scan/nfs": { server: "10.10.0.5" },
  "GET /nodes/{node}/storage/{storage}/prunebackups": { "prune-backups": "keep-last=1" },
};

/** What a furnished cluster has none of; their own tests ask for them. */
const without =
  /\/acme\/|\/agent\/|\/mapping\/|\/replication|\/tfa\/|\/realm-sync|custom-cpu|\/pci\/|\/scan\/|smtp\/|webhook\/|ha\/(?:groups|rules)|controllers\/|sdn\/dns\/|extractconfig|apt\/changelog|ip-vrf/;

test("every answer of a furnished cluster conforms to the official schema", async ({ simulator, run }) => {
  await furnish(simulator, run);
  const { client } = await logIn(simulator, simulator.username, simulator.password);
  const upid = Object.keys(simulator.state.tasks)[0] ?? "";
  const refused: string[] = [];
  for (const key of Object.keys(facts) as EndpointKey[]) {
    const implemented = handlers[key] !== undefined || facts[key].child !== undefined;
    if (!key.startsWith("GET ") || !implemented || without.test(key)) continue;
    const path = valuesFor(key.slice(4), encodeURIComponent(upid));
    try {
      const problem = conformanceProblem(key, await client("GET", path, required[key]));
      if (problem !== undefined) refused.push(problem);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status !== 501) refused.push(`${key}: ${error.message} ${JSON.stringify(error.errors ?? {})}`);
    }
  }
  expect(refused).toEqual([]);
}, 60_000);
