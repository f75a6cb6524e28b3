import type { Reading } from "../proxmox/read-api.ts";
import { uncheckedBy, type Drift, type GuestPlace, type Look } from "./drift.ts";
import type { Need } from "./read-whole-lists.ts";

/** A look for what nobody knows, of which guests tell where they are. */
export interface UnmanagedLook extends Look {
  readonly drifts: readonly (Drift & { readonly guest?: GuestPlace })[];
}

/** Where things are that are of no node. */
export const cluster = "the cluster";

/** What is needed to see all that is of the cluster alone. */
export const clusterNeed = needOf("/", "Sys.Audit");

/** What is needed on a path: one of the privileges. */
export function needOf(path: string, ...privileges: string[]): Need {
  return { path, privileges };
}

/** Looks through a list for what does not belong in it. */
export async function look<T>(
  subject: string,
  asked: Promise<Reading<T>>,
  find: (value: T) => UnmanagedLook["drifts"],
): Promise<UnmanagedLook> {
  const reading = await asked;
  if (reading.kind === "read") return { area: "unmanaged", subject, drifts: find(reading.value) };
  return { area: "unmanaged", subject, drifts: [], unchecked: uncheckedBy(reading) };
}

/** Tells of something that nobody knows of. */
export function unmanaged(what: string, where: string, is: string): Drift {
  return { kind: "unmanaged", what, where, was: null, is };
}
