import { z } from "zod";
import { Guests, Permissions, StorageConfigs, type ExistingGuest } from "../proxmox/answers.ts";
import type { ReadApi, Reading } from "../proxmox/read-api.ts";
import { uncheckedBy, type Drift, type GuestPlace, type Look } from "./drift.ts";
import type { Known } from "./known.ts";

/** A look for what nobody knows, of which guests tell where they are. */
export interface UnmanagedLook extends Look {
  readonly drifts: readonly (Drift & { readonly guest?: GuestPlace })[];
}

type Api = Pick<ReadApi, "read">;

/** What a token must have to see all of a list: of some, Proxmox VE leaves out without a word what it may not see. */
interface Need {
  readonly path: string;
  /** One of them is enough. */
  readonly privileges: readonly string[];
}

const cluster = "the cluster";
const Jobs = z.array(
  z.object({ id: z.string(), schedule: z.string().default(""), storage: z.string().default("no storage") }),
);
const Tokens = z.array(z.object({ tokenid: z.string() }));
/** Of a user who never had any token, they are null. */
const Users = z.array(z.object({ userid: z.string(), tokens: Tokens.nullish() }));
const Rules = z.array(
  z.object({
    pos: z.coerce.number(),
    type: z.string(),
    action: z.string(),
    proto: z.string().optional(),
    source: z.string().optional(),
    dest: z.string().optional(),
    dport: z.string().optional(),
    comment: z.string().optional(),
  }),
);
/** One rule of a firewall. */
type Rule = z.infer<typeof Rules>[number];
const MetricServers = z.array(z.object({ id: z.string(), type: z.string(), server: z.string() }));
const Groups = z.array(z.object({ group: z.string() }));

/** Looks for what is on the server, and neither the stack nor the inventory nor Proxmox VE itself has put there. */
export async function findUnmanaged(known: Known, nodes: readonly string[], api: Api): Promise<UnmanagedLook[]> {
  const guests = readAll(api, "/cluster/resources", Guests, needOf("/vms", "VM.Audit"), { type: "vm" });
  return Promise.all([
    look("guests", guests, (all) => all.filter(({ vmid }) => !known.vmids.has(vmid)).map(describeGuest)),
    look("storages", readAll(api, "/storage", StorageConfigs, storageNeed), (all) =>
      all
        .filter(({ storage }) => !known.storages.has(storage))
        .map(({ storage, type }) => unmanaged(`storage ${storage}`, cluster, type)),
    ),
    look("backup jobs", readAll(api, "/cluster/backup", Jobs, clusterNeed), (all) =>
      all
        .filter(({ id }) => !known.jobs.has(id))
        .map(({ id, schedule, storage }) => unmanaged(`backup job ${id}`, cluster, `${schedule} to ${storage}`)),
    ),
    look("metric servers", readAll(api, "/cluster/metrics/server", MetricServers, clusterNeed), (all) =>
      all
        .filter(({ id }) => !known.metricServers.has(id))
        .map(({ id, type, server }) => unmanaged(`metric server ${id}`, cluster, `${type} at ${server}`)),
    ),
    look("users and tokens", readAll(api, "/access/users", Users, userNeed, { full: "1" }), (all) =>
      all.flatMap((user) => describeUser(user, known)),
    ),
    look("security groups", readAll(api, "/cluster/firewall/groups", Groups, clusterNeed), (all) =>
      all.map(({ group }) => unmanaged(`security group ${group}`, cluster, "there")),
    ),
    lookAtRules("the datacenter", cluster, readAll(api, "/cluster/firewall/rules", Rules, clusterNeed)),
    ...nodes.map((node) => {
      const need = needOf(`/nodes/${node}`, "Sys.Audit");
      return lookAtRules(node, node, readAll(api, `/nodes/${node}/firewall/rules`, Rules, need));
    }),
    lookAtGuestRules(known, await guests, api),
  ]);
}

const clusterNeed = needOf("/", "Sys.Audit");
const storageNeed = needOf("/storage", "Datastore.Audit", "Datastore.AllocateSpace", "Datastore.Allocate");
const userNeed = needOf("/access/groups", "Sys.Audit", "User.Modify");

function needOf(path: string, ...privileges: string[]): Need {
  return { path, privileges };
}

function lookAtRules(subject: string, where: string, rules: Promise<Reading<Rule[]>>): Promise<UnmanagedLook> {
  return look(`firewall rules of ${subject}`, rules, (all) => all.map((rule) => describeRule(rule, where)));
}

/** Of those whose rules are no resource: what differs from that is told there. */
async function lookAtGuestRules(known: Known, guests: Reading<ExistingGuest[]>, api: Api): Promise<UnmanagedLook> {
  const subject = "other guests";
  if (guests.kind === "refused") return lookAtRules(subject, cluster, Promise.resolve(guests));
  const others = guests.value.filter(({ vmid }) => known.vmids.has(vmid) && !known.guardedVmids.has(vmid));
  const looks = await Promise.all(
    others.map(({ node, type, vmid, name = "" }) => {
      const where = `${name} on ${node}, VMID ${vmid}`;
      return lookAtRules(subject, where, api.read(`/nodes/${node}/${type}/${vmid}/firewall/rules`, Rules));
    }),
  );
  const unchecked = looks.find((one) => one.unchecked !== undefined)?.unchecked;
  return {
    area: "unmanaged",
    subject: `firewall rules of ${subject}`,
    drifts: looks.flatMap(({ drifts }) => drifts),
    ...(unchecked === undefined ? {} : { unchecked }),
  };
}

/** Reads a list, if all of it can be seen. */
async function readAll<T>(
  api: Api,
  path: string,
  schema: z.ZodType<T>,
  need: Need,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Reading<T>> {
  const held = await api.read("/access/permissions", Permissions, { parameters: { path: need.path } });
  if (held.kind === "refused") return held;
  const own = held.value[need.path] ?? {};
  if (need.privileges.some((privilege) => own[privilege] !== undefined)) return api.read(path, schema, { parameters });
  return {
    kind: "refused",
    status: 403,
    message: `the token does not see all of it; it needs ${need.privileges[0] ?? ""} on ${need.path}`,
  };
}

async function look<T>(
  subject: string,
  asked: Promise<Reading<T>>,
  find: (value: T) => UnmanagedLook["drifts"],
): Promise<UnmanagedLook> {
  const reading = await asked;
  if (reading.kind === "read") return { area: "unmanaged", subject, drifts: find(reading.value) };
  return { area: "unmanaged", subject, drifts: [], unchecked: uncheckedBy(reading) };
}

function describeGuest({ vmid, node, name, type }: ExistingGuest): Drift & { readonly guest: GuestPlace } {
  const what = `${type === "lxc" ? "container" : "machine"} ${name ?? "without a name"}`;
  return { ...unmanaged(what, `${node}, VMID ${vmid}`, "there"), guest: { node, vmid } };
}

function describeUser({ userid, tokens }: z.infer<typeof Users>[number], known: Known): Drift[] {
  return [
    ...(known.users.has(userid) ? [] : [unmanaged(`user ${userid}`, cluster, "there")]),
    ...(tokens ?? [])
      .map(({ tokenid }) => `${userid}!${tokenid}`)
      .filter((token) => !known.tokens.has(token))
      .map((token) => unmanaged(`token ${token}`, cluster, "there")),
  ];
}

/** As the datacenter's firewall shows it: `in ACCEPT tcp 22 from 10.10.0.0/24 (SSH)`. */
function describeRule({ pos, ...rule }: Rule, where: string): Drift {
  const { type, action, proto, dport, source, dest, comment } = rule;
  const parts = [
    type,
    action,
    proto,
    dport,
    source === undefined ? undefined : `from ${source}`,
    dest === undefined ? undefined : `to ${dest}`,
    comment === undefined || comment === "" ? undefined : `(${comment.trim()})`,
  ];
  const text = parts.filter((part) => part !== undefined && part !== "").join(" ");
  return unmanaged(`firewall rule ${pos}`, where, text);
}

function unmanaged(what: string, where: string, is: string): Drift {
  return { kind: "unmanaged", what, where, was: null, is };
}
