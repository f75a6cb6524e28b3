import { z } from "zod";
import { Guests, StorageConfigs, type ExistingGuest } from "../proxmox/answers.ts";
import type { ReadApi } from "../proxmox/read-api.ts";
import { findUnmanagedAccess } from "./find-unmanaged-access.ts";
import { findUnmanagedGuestRules, findUnmanagedRules } from "./find-unmanaged-rules.ts";
import type { Known } from "./known.ts";
import { cluster, clusterNeed, look, needOf, unmanaged, type UnmanagedLook } from "./look-for-unmanaged.ts";
import { readWholeLists } from "./read-whole-lists.ts";

const Jobs = z.array(
  z.object({ id: z.string(), schedule: z.string().default(""), storage: z.string().default("no storage") }),
);
const MetricServers = z.array(z.object({ id: z.string(), type: z.string(), server: z.string() }));
const ResourcePools = z.array(z.object({ poolid: z.string() }));
const SecurityGroups = z.array(z.object({ group: z.string() }));
const IpSets = z.array(z.object({ name: z.string() }));
const Aliases = z.array(z.object({ name: z.string(), cidr: z.string() }));

const guestNeed = needOf("/vms", "VM.Audit");
const storageNeed = needOf("/storage", "Datastore.Audit", "Datastore.AllocateSpace", "Datastore.Allocate");
const poolNeed = needOf("/pool", "Pool.Audit");

/** Looks for what is on the server, and neither the stack nor the inventory nor Proxmox VE itself has put there. */
export async function findUnmanaged(
  known: Known,
  nodes: readonly string[],
  api: Pick<ReadApi, "read">,
): Promise<UnmanagedLook[]> {
  const readAll = await readWholeLists(api);
  const guests = readAll("/cluster/resources", Guests, guestNeed, { type: "vm" });
  return Promise.all([
    look("guests", guests, (all) => all.filter(({ vmid }) => !known.vmids.has(vmid)).map(describeGuest)),
    look("storages", readAll("/storage", StorageConfigs, storageNeed), (all) =>
      all
        .filter(({ storage }) => !known.storages.has(storage))
        .map(({ storage, type }) => unmanaged(`storage ${storage}`, cluster, type)),
    ),
    look("backup jobs", readAll("/cluster/backup", Jobs, clusterNeed), (all) =>
      all
        .filter(({ id }) => !known.jobs.has(id))
        .map(({ id, schedule, storage }) => unmanaged(`backup job ${id}`, cluster, `${schedule} to ${storage}`)),
    ),
    look("metric servers", readAll("/cluster/metrics/server", MetricServers, clusterNeed), (all) =>
      all
        .filter(({ id }) => !known.metricServers.has(id))
        .map(({ id, type, server }) => unmanaged(`metric server ${id}`, cluster, `${type} at ${server}`)),
    ),
    look("resource pools", readAll("/pools", ResourcePools, poolNeed), (all) =>
      all.map(({ poolid }) => unmanaged(`resource pool ${poolid}`, cluster, "there")),
    ),
    ...findUnmanagedAccess(known, readAll),
    look("security groups", readAll("/cluster/firewall/groups", SecurityGroups, clusterNeed), (all) =>
      all.map(({ group }) => unmanaged(`security group ${group}`, cluster, "there")),
    ),
    look("IP sets", readAll("/cluster/firewall/ipset", IpSets, clusterNeed), (all) =>
      all.map(({ name }) => unmanaged(`IP set ${name}`, cluster, "there")),
    ),
    look("aliases", readAll("/cluster/firewall/aliases", Aliases, clusterNeed), (all) =>
      all.map(({ name, cidr }) => unmanaged(`alias ${name}`, cluster, cidr)),
    ),
    ...findUnmanagedRules(nodes, readAll),
    findUnmanagedGuestRules(known, await guests, api),
  ]);
}

function describeGuest({ vmid, node, name, type }: ExistingGuest): UnmanagedLook["drifts"][number] {
  const what = `${type === "lxc" ? "container" : "machine"} ${name ?? "without a name"}`;
  return { ...unmanaged(what, `${node}, VMID ${vmid}`, "there"), guest: { node, vmid } };
}
