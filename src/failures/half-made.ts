import { z } from "zod";
import { ResourceFinder } from "../adopt/find-resource.ts";
import { adoptableKinds } from "../adopt/kinds.ts";
import { textOf, type Inputs, type Lookup } from "../adopt/lookup.ts";
import type { ReadApi } from "../proxmox/read-api.ts";
import { Guests } from "../proxmox/answers.ts";
import type { Failure } from "./failed-run.ts";
import { placeOf } from "./place-of.ts";

/** What there is of something that could not be done. */
export interface HalfMade {
  readonly urn: string;
  /** One sentence for people. */
  readonly text: string;
  /** Whether it is on the server, but the state does not know. */
  readonly orphaned: boolean;
  /** Whether the state knows of it, and it is not on the server any more. */
  readonly gone: boolean;
  /** Commands for a node that remove what is left over. */
  readonly remedies: readonly string[];
}

const Volumes = z.array(z.object({ volid: z.string() }));

/**
 * Looks on the server for what failed creations have left, and whether what else failed is there at all.
 * @param known the URNs in the state; undefined where nobody could read it
 */
export async function examineHalfMade(
  api: Pick<ReadApi, "read">,
  failures: readonly Failure[],
  known: ReadonlySet<string> | undefined,
): Promise<HalfMade[]> {
  const finder = new ResourceFinder(api);
  return Promise.all(
    failures.map(async (failure) => {
      const nothing = { urn: failure.urn, orphaned: false, gone: false, remedies: [] };
      const { lookup } = placeOf(failure);
      const isWritten = adoptableKinds[failure.type]?.madeByWriting === true;
      if (lookup === undefined || isWritten) return { ...nothing, text: describeOther(failure) };
      const found = await finder.find(lookup);
      if (!failure.operation.startsWith("create")) {
        const gone = found.kind === "absent" && !failure.operation.startsWith("delete");
        return { ...nothing, gone, text: gone ? "It is not there any more." : describeOther(failure) };
      }
      if (found.kind === "absent") return { ...nothing, ...(await describeAbsent(api, lookup, failure.inputs)) };
      if (found.kind === "unread") return { ...nothing, text: found.text };
      const status = lookup.kind === "guest" ? await readStatus(api, lookup.vmid) : "";
      return { ...nothing, ...describeFound(failure, status, known) };
    }),
  );
}

function describeFound(
  { urn, isCutOff }: Failure,
  status: string,
  known: ReadonlySet<string> | undefined,
): Pick<HalfMade, "text" | "orphaned"> {
  const there = `it is on the server${status}`;
  if (known === undefined) return { text: `Now ${there}; the state could not be read.`, orphaned: false };
  if (known.has(urn)) return { text: `It was made, but not finished: ${there}, and in the state.`, orphaned: false };
  // What the engine noted before it was cut off, up takes into the state by itself.
  if (isCutOff) return { text: `It was made: ${there}, and npm run up takes it into the state.`, orphaned: false };
  return { text: `It was made: ${there}, but the state does not know of it.`, orphaned: true };
}

function describeOther({ operation, word, isCutOff }: Failure): string {
  if (word === "step") {
    return isCutOff
      ? "It may still go on there; the next run waits for its end, and then completes it or takes it back."
      : "What it had replaced was put back, unless its own words say otherwise.";
  }
  if (operation.startsWith("create")) return "What was to be written there may be written in part.";
  return "It is there, unless it was being deleted; a part of the change may have been made.";
}

async function describeAbsent(
  api: Pick<ReadApi, "read">,
  lookup: Lookup,
  inputs: Inputs,
): Promise<Omit<HalfMade, "urn" | "gone">> {
  if (lookup.kind !== "guest") return { text: "Nothing of it is there.", orphaned: false, remedies: [] };
  const { node, vmid } = lookup;
  const left: string[] = [];
  const unread: string[] = [];
  await Promise.all(
    storagesOf(inputs).map(async (storage) => {
      const path = `/nodes/${node}/storage/${storage}/content`;
      const reading = await api.read(path, Volumes, { parameters: { vmid: String(vmid) } });
      if (reading.kind === "read") left.push(...reading.value.map(({ volid }) => volid));
      else unread.push(` What is left on ${storage} of ${node} could not be read: ${reading.message}.`);
    }),
  );
  const volumes = [...new Set(left)].filter((volid) => /:(?:vm|subvol|base)-/.test(volid)).sort();
  const nothing = unread.length === 0 ? "Nothing of it is there." : "There is no such guest.";
  const disks = `There is no such guest, but of its disks there is: ${volumes.join(", ")}.`;
  return {
    text: `${volumes.length === 0 ? nothing : disks}${unread.sort().join("")}`,
    orphaned: false,
    remedies: volumes.map((volid) => `pvesm free ${volid}`),
  };
}

async function readStatus(api: Pick<ReadApi, "read">, vmid: number): Promise<string> {
  const reading = await api.read("/cluster/resources", Guests, { parameters: { type: "vm" } });
  if (reading.kind === "refused") return "";
  const status = reading.value.find((guest) => guest.vmid === vmid)?.status;
  return status === undefined ? "" : ` (${status})`;
}

/** The storages of a guest's disks, wherever in its inputs they are. */
function storagesOf(inputs: Inputs): string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null) {
      const record = value as Inputs;
      if (typeof record["datastoreId"] === "string") found.add(textOf(record, "datastoreId"));
      Object.values(record).forEach(visit);
    }
  };
  visit(inputs);
  return [...found];
}
