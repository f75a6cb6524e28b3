import type { RuleIssue } from "../inventory/rules/rule.ts";

/** A command for a node that does an edit without loss: what the provider could only do by deleting and creating the guest. */
export interface NodeCommand {
  readonly node: string;
  /** For a root shell. */
  readonly command: string;
}

/** Room that work takes on a storage of a node. */
export interface NeededRoom {
  readonly node: string;
  readonly storage: string;
  readonly sizeGib: number;
}

/** What Proxmox VE does for an edit before the engine runs. */
export interface NodeWork {
  /** The guest's key in the inventory. */
  readonly guest: string;
  /** The guest's URN in the state. */
  readonly urn: string;
  /** What it costs, as the end of a sentence: `with a restart and a copy of 8 GiB`. */
  readonly cost: string;
  readonly commands: readonly NodeCommand[];
  /** At most; less is copied of a volume that is not full. */
  readonly needs: readonly NeededRoom[];
  /** The path of a container's volume that is detached: a refresh leaves the last one in the state. */
  readonly detached?: string;
  /** The node that the guest is on after it, if that is another one. */
  readonly to?: string;
}

/** An edit that is not let through to the engine, at its place in the inventory. */
export interface RefusedEdit extends RuleIssue {
  /** Present if `npm run up` can do the edit on a node first. */
  readonly onNode?: NodeWork;
}

/** The sentence of a preview about an edit that the engine does not do itself. */
export const doneFirst = "npm run up or npm run ci:deploy lets Proxmox VE change it first";

/** Writes commands, one a line, with the node that each runs on. */
export function renderCommands(commands: readonly NodeCommand[]): string {
  return commands.map(({ node, command }) => `on ${node}: ${command}`).join("\n  ");
}

/** An edit that `npm run up` lets Proxmox VE do. */
export function doneOnNode(path: RuleIssue["path"], problem: string, onNode: NodeWork): RefusedEdit {
  return {
    path,
    problem: `${problem} The provider would delete the guest and create an empty one.`,
    remedy: `npm run up lets Proxmox VE do it first, ${onNode.cost}:\n  ${renderCommands(onNode.commands)}\nOr run that yourself: npm run up then lets the state follow.`,
    onNode,
  };
}
