import { emptyFirewall } from "../../../simulator/src/state/cluster.ts";
import { emptySystem } from "../../../simulator/src/state/guest.ts";
import { everything, theOne, unmanaged, type Cluster, type Expected, type Mutation } from "./mutation.ts";

/** What somebody puts on the server that nobody knows of, one of each kind. */
export const others: readonly Mutation[] = [
  appears("guest", [unmanaged("container toy")], ({ guests }) => {
    guests[999] = guest("lxc", 999, { hostname: "toy", memory: "512" });
  }),
  appears("machine", [unmanaged("machine tool")], ({ guests }) => {
    guests[998] = guest("qemu", 998, { name: "tool", memory: "512" });
  }),
  appears("storage", [unmanaged("storage attic", "dir")], ({ storages }) => {
    const config = { content: "iso", path: "/mnt/attic" };
    storages["attic"] = { storage: "attic", type: "dir", config, size: 1, offline: [] };
  }),
  appears("backup job", [unmanaged("backup job toys", "sat 03:00 to local")], ({ sections }) => {
    sections.backupJobs["toys"] = { enabled: "1", all: "1", schedule: "sat 03:00", storage: "local" };
  }),
  appears("metric server", [unmanaged("metric server carbon", "graphite at 10.20.0.99")], ({ sections }) => {
    sections.metricServers["carbon"] = { type: "graphite", server: "10.20.0.99", port: "2003" };
  }),
  appears("user", [unmanaged("user mallory@pve")], ({ access }) => {
    access.users["mallory@pve"] = { enable: true, expire: 0, tokens: {} };
  }),
  appears("token", [unmanaged("token root@pam!laptop")], ({ access }) => {
    theOne(access.users["root@pam"], "root").tokens["laptop"] = { secret: "mine", privsep: true, expire: 0 };
  }),
  appears("group", [unmanaged("group friends", "empty")], ({ access }) => {
    access.groups["friends"] = { members: [] };
  }),
  appears("realm", [unmanaged("realm corp", "ldap")], ({ access }) => {
    access.realms["corp"] = { type: "ldap", server1: "10.20.0.99", base_dn: "dc=corp", user_attr: "uid" };
  }),
  appears("role", [unmanaged("role Mine", "Sys.Audit, VM.Audit")], ({ access }) => {
    access.roles["Mine"] = ["Sys.Audit", "VM.Audit"];
  }),
  appears(
    "permission",
    [unmanaged("permission of root@pam!simulator on /vms", "PVEAdmin, and below")],
    ({ access }) => {
      const entry = { path: "/vms", type: "token", ugid: "root@pam!simulator", roleid: "PVEAdmin" } as const;
      access.acl.push({ ...entry, propagate: true });
    },
  ),
  appears("resource pool", [unmanaged("resource pool toys")], ({ pools }) => {
    pools["toys"] = {};
  }),
  appears("IP set", [unmanaged("IP set friends")], ({ firewall }) => {
    firewall.ipsets["friends"] = { entries: {} };
  }),
  appears("alias", [unmanaged("alias lan", "10.20.0.0/24")], ({ firewall }) => {
    firewall.aliases["lan"] = { cidr: "10.20.0.0/24" };
  }),
  appears("security group", [unmanaged("security group mine")], ({ firewall }) => {
    firewall.groups["mine"] = { rules: [] };
  }),
  appears("rule of the datacenter", [unmanaged("firewall rule 0", "in ACCEPT tcp 23")], ({ firewall }) => {
    firewall.rules.push({ type: "in", action: "ACCEPT", proto: "tcp", dport: "23", enable: "1" });
  }),
  appears("rule of a node", [unmanaged("firewall rule 0", "in ACCEPT tcp 24")], ({ nodes }) => {
    const { rules } = theOne(nodes["pve-02"], "pve-02").firewall;
    rules.push({ type: "in", action: "ACCEPT", proto: "tcp", dport: "24", enable: "1" });
  }),
  appears("rule of a guest that has none", [unmanaged("firewall rule 0", "in ACCEPT tcp 25")], ({ guests }) => {
    const { rules } = theOne(guests[20010], "grafana").firewall;
    rules.push({ type: "in", action: "ACCEPT", proto: "tcp", dport: "25", enable: "1" });
  }),
];

function appears(kind: string, expected: readonly Expected[], change: (cluster: Cluster) => void): Mutation {
  return { label: `another ${kind}`, subject: `another ${kind}`, claim: everything, change, expected };
}

function guest(type: "lxc" | "qemu", vmid: number, config: Record<string, string>): Cluster["guests"][number] {
  return {
    type,
    vmid,
    node: "pve-02",
    config,
    pending: {},
    snapshots: {},
    status: "stopped",
    firewall: emptyFirewall(),
    inside: emptySystem(),
  };
}
