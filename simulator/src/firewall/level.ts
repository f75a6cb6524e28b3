import type { Context } from "../handlers.ts";
import type { Firewall, FirewallRule } from "../state/cluster.ts";

/** Where rules are: what they may say depends on it. */
export type Environment = "cluster" | "host" | "ct" | "vm" | "group" | "vnet";

/** The names that rules refer to. */
export type Names = Pick<Firewall, "aliases" | "ipsets">;

/** Something that has rules, and perhaps names of its own. */
export type RuleBook = { rules: FirewallRule[] } & Partial<Names>;

/** How the firewall that a request is about is found: in the cluster, on a node, of a guest … */
export interface Level<Target, Content> {
  readonly environment: Environment;
  readonly read: (target: Target, context: Context) => Content;
  /** The same to change it: part of the state. */
  readonly write: (target: Target, context: Context) => Content;
}
