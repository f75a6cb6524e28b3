import type { RuleIssue } from "../inventory/rules/rule.ts";

/** A command for a node that does an edit without loss: what the provider could only do by deleting and creating the guest. */
export interface NodeCommand {
  readonly node: string;
  /** For a root shell. */
  readonly command: string;
}

/** An edit that this program does not let through to the engine, at its place in the inventory. */
export type RefusedEdit = RuleIssue;

/** Writes the commands of a way on, one a line, with the node that each runs on. */
export function renderCommands(commands: readonly NodeCommand[]): string {
  return commands.map(({ node, command }) => `on ${node}: ${command}`).join("\n  ");
}

/** What follows commands on a node: the state has to learn of it before the engine compares. */
export const thenRefresh = "Then run npm run pulumi -- refresh, and npm run up again.";
