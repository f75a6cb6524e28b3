import type { PeerRun } from "./commands.ts";

/** The two that are compared. */
export type SideName = "ours" | "openTofu";

/** The same thing of both sides. */
export type Both<T> = Readonly<Record<SideName, T>>;

/** How many resources are in a state. */
export interface ResourceCounts {
  /** Images and containers: both sides have them. */
  readonly same: number;
  /** How many others are on the server, by their type. */
  readonly others: Readonly<Record<string, number>>;
  /** Components, providers and the stack, which are in the state only. */
  readonly internal: number;
}

/** One of the two that are compared: a folder that is prepared, with a simulator of its own. */
export interface Side {
  readonly execute: (run: PeerRun) => Promise<void>;
  readonly countResources: () => Promise<ResourceCounts>;
}
