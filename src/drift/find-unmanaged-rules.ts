import { z } from "zod";
import type { ExistingGuest } from "../proxmox/answers.ts";
import type { ReadApi, Reading } from "../proxmox/read-api.ts";
import type { Drift } from "./drift.ts";
import type { Known } from "./known.ts";
import { cluster, clusterNeed, look, needOf, unmanaged, type UnmanagedLook } from "./look-for-unmanaged.ts";
import type { ReadWholeList } from "./read-whole-lists.ts";

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

/** Looks for rules of the datacenter and of nodes, where the program has none. */
export function findUnmanagedRules(nodes: readonly string[], readAll: ReadWholeList): Promise<UnmanagedLook>[] {
  return [
    lookAtRules("the datacenter", cluster, readAll("/cluster/firewall/rules", Rules, clusterNeed)),
    ...nodes.map((node) =>
      lookAtRules(node, node, readAll(`/nodes/${node}/firewall/rules`, Rules, needOf(`/nodes/${node}`, "Sys.Audit"))),
    ),
  ];
}

/** Looks for rules of guests whose rules are no resource: what differs from that is told there. */
export async function findUnmanagedGuestRules(
  known: Known,
  guests: Reading<ExistingGuest[]>,
  api: Pick<ReadApi, "read">,
): Promise<UnmanagedLook> {
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

function lookAtRules(subject: string, where: string, rules: Promise<Reading<Rule[]>>): Promise<UnmanagedLook> {
  return look(`firewall rules of ${subject}`, rules, (all) => all.map((rule) => describeRule(rule, where)));
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
