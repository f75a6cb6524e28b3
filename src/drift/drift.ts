import type { DriftPolicy } from "../inventory/on-drift.ts";
import type { Refusal } from "../proxmox/read-api.ts";

/** Where drift is looked for, in the order in which it is told. */
export const areas = ["resources", "guests and nodes", "pools", "unmanaged"] as const;

/** One of the places where drift is looked for. */
export type Area = (typeof areas)[number];

/** Who has probably done it, by the node's task log. */
export interface Cause {
  /** The task, in Proxmox's words: `qmstop`. */
  readonly task: string;
  /** `alice@pam`, or `alice@pam!laptop` where it was a token. */
  readonly who: string;
  /** When it began, in ISO 8601. */
  readonly since: string;
}

/** One thing that is not as it was brought about; null where there is nothing. */
export interface Drift {
  readonly kind: "changed" | "missing" | "unmanaged";
  /** `container grafana: memory.dedicated` */
  readonly what: string;
  readonly where: string;
  readonly was: unknown;
  readonly is: unknown;
  /** Where the inventory speaks of it: `containers.grafana.memory in config/homelab/containers.yaml`. */
  readonly inventory?: string;
  readonly cause?: Cause;
  /** Why it was not brought back, where the inventory wants that. */
  readonly refusal?: string;
}

/** Why nobody could look at something. */
export interface Unchecked {
  readonly reason: string;
  /** Whether the whole is not to be trusted for it: nobody knows whether a resource or a guest is as it should be. */
  readonly incomplete: boolean;
}

/** A token may not see all, and that is nobody's fault; a server that does not answer hides what nobody knows of. */
export function uncheckedBy({ status, message }: Refusal): Unchecked {
  return { reason: message, incomplete: status !== 403 };
}

/** The guest by which tasks are found. */
export interface GuestPlace {
  readonly node: string;
  readonly vmid: number;
}

/** Something that was looked at, or could not be, and what came of it. */
export interface Look {
  readonly area: Area;
  /** `container grafana`, `step grafana-packages in grafana`, `storages` */
  readonly subject: string;
  readonly drifts: readonly Drift[];
  readonly unchecked?: Unchecked;
  /** What the inventory wants to become of it; it is just told where no entry stands for it. */
  readonly policy?: DriftPolicy;
  /** What was brought back without asking, and is no drift any more. */
  readonly restored?: readonly Drift[];
}

/** What is told where the look itself could not be done: nobody knows of anything. */
export function failedLook(reason: string): Look {
  return { area: "resources", subject: "the look itself", drifts: [], unchecked: { reason, incomplete: true } };
}

/** All drift of some looks that nobody has accepted, in their order. */
export function driftsOf(looks: readonly Look[]): Drift[] {
  return looks.filter(({ policy }) => policy !== "accept").flatMap(({ drifts }) => drifts);
}

/** The drift that the inventory accepts. */
export function acceptedOf(looks: readonly Look[]): Drift[] {
  return looks.filter(({ policy }) => policy === "accept").flatMap(({ drifts }) => drifts);
}

/** What was brought back without asking. */
export function restoredOf(looks: readonly Look[]): Drift[] {
  return looks.flatMap(({ restored = [] }) => restored);
}

/** What a process ends with: 0 where all is as it should be or accepted, 7 for drift, 1 where not everything could be looked at. */
export function exitCodeOf(looks: readonly Look[]): 0 | 1 | 7 {
  if (looks.some(({ unchecked }) => unchecked?.incomplete === true)) return 1;
  return driftsOf(looks).length > 0 ? 7 : 0;
}
