import { z } from "zod";
import type { ReadApi } from "../proxmox/read-api.ts";
import type { Cause, Drift, GuestPlace } from "./drift.ts";

const Tasks = z.array(
  z.object({
    type: z.string(),
    user: z.string(),
    tokenid: z.string().optional(),
    starttime: z.coerce.number(),
    status: z.string().optional(),
  }),
);

/** One task of a node's log. */
export type Task = z.infer<typeof Tasks>[number];

/**
 * Adds to drift of a guest who has probably done it and when, where the node's task log has a task that does such a thing.
 * That a container's settings change is no task.
 * @param ourselves the token of the stack, whose own work is none
 */
export async function addCauses(
  drifts: readonly Drift[],
  guest: GuestPlace | undefined,
  ourselves: string,
  api: Pick<ReadApi, "read">,
): Promise<readonly Drift[]> {
  if (guest === undefined || drifts.length === 0) return drifts;
  const parameters = { vmid: String(guest.vmid), source: "all", limit: "50" };
  const reading = await api.read(`/nodes/${guest.node}/tasks`, Tasks, { parameters });
  if (reading.kind === "refused") return drifts;
  return drifts.map((drift) => {
    const cause = causeOf(drift, reading.value, ourselves);
    return cause === undefined ? drift : { ...drift, cause };
  });
}

/** The last task of somebody else that brings about what has drifted. */
export function causeOf(drift: Drift, tasks: readonly Task[], ourselves: string): Cause | undefined {
  const pattern = patternFor(drift);
  const [latest] = tasks
    .filter((task) => pattern.test(task.type) && whoOf(task) !== ourselves)
    .filter(({ status = "OK" }) => status === "OK" || status.startsWith("WARNINGS"))
    .sort((a, b) => b.starttime - a.starttime);
  if (latest === undefined) return undefined;
  const since = new Date(latest.starttime * 1000).toISOString().replace(".000Z", "Z");
  return { task: latest.type, who: whoOf(latest), since };
}

function patternFor({ kind, what, is }: Drift): RegExp {
  if (kind === "missing") return /^(?:qm|vz)(?:destroy|migrate)$|^hamigrate$/;
  if (kind === "unmanaged") return /^(?:qm|vz)(?:create|restore|clone|migrate)$|^hamigrate$/;
  const property = what.split(": ").at(-1) ?? "";
  if (property === "started")
    return is === false ? /^(?:qm|vz)(?:stop|shutdown|suspend)$/ : /^(?:qm|vz)(?:start|resume)$/;
  return property.includes("isk") ? /^(?:resize|qmconfig|(?:qm|vz)?move(?:_volume)?)$/ : /^qmconfig$/;
}

/** A node tells the token apart, or as part of the user. */
function whoOf({ user, tokenid }: Task): string {
  return tokenid === undefined ? user : `${user}!${tokenid}`;
}
