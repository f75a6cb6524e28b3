import type { Simulator } from "@proxmox-homelab/simulator";
import type { Drift } from "../../../src/drift/drift.ts";

/** What a simulated cluster is, to be changed behind everyone's back. */
export type Cluster = Parameters<Parameters<Simulator["change"]>[0]>[0];

/** Drift as it has to be told, to the letter. */
export type Expected = Pick<Drift, "kind" | "what" | "was" | "is">;

/** One thing that somebody changes. */
export interface Mutation {
  /** What is changed: `container grafana: memory.dedicated`. */
  readonly label: string;
  /** The thing that it is part of: `container grafana`. */
  readonly subject: string;
  /** The part of it of which nothing else is changed in the same round: `memory`, `rules[3]`, or all of it. */
  readonly claim: string;
  readonly change: (cluster: Cluster) => void;
  /** What has to be told: nothing, where nobody can see it. */
  readonly expected: readonly Expected[];
  /** Why nobody can see it. */
  readonly unseen?: string;
  /** What cannot be looked at for it. */
  readonly unchecked?: readonly string[];
  /** Whether it has a round of its own, since it hides other things. */
  readonly alone?: boolean;
}

/** A resource of the state, and which of its inputs is changed. */
export interface Target {
  /** `container grafana` */
  readonly subject: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** `rules[3].dport` */
  readonly path: string;
  /** Its last index: 3. */
  readonly index: number;
  /** What it has been set to. */
  readonly value: unknown;
}

/** How an input of a kind of resource is changed, or why it is nowhere on the server. */
export type Recipe =
  | { readonly nowhere: string }
  | {
      readonly change: (cluster: Cluster, target: Target) => void;
      readonly expected: (target: Target) => readonly Expected[];
      readonly unseen?: string;
      readonly unchecked?: (target: Target) => readonly string[];
      readonly alone?: boolean;
      /** How it is changed, where there are several ways. */
      readonly how?: string;
      /** Whether nothing else of the resource can be looked at for it. */
      readonly whole?: boolean;
      /** Which resources it fits, where it does not fit all of the kind. */
      readonly fits?: (target: Target) => boolean;
    };

type Change = (cluster: Cluster, target: Target) => void;
type Made = Exclude<Recipe, { nowhere: string }>;
type Options = Omit<Made, "change" | "expected">;

/** It is told at the input itself. */
export function seen(
  is: unknown,
  change: Change,
  { was, at, ...options }: Options & { readonly was?: (value: unknown) => unknown; readonly at?: string } = {},
): Recipe {
  const expected = ({ subject, path, value }: Target): Expected[] => [
    { kind: "changed", what: `${subject}: ${at ?? path}`, was: was === undefined ? value : was(value), is },
  ];
  return { change, expected, ...options };
}

/** It has other effects than a change of the input. */
export function told(expected: Made["expected"], change: Change, options: Options = {}): Recipe {
  return { change, expected, ...options };
}

/** Nobody can see it. */
export function unseen(reason: string, change: Change): Recipe {
  return { change, expected: () => [], unseen: reason };
}

/** The provider alone knows of it. */
export function nowhere(reason: string): Recipe {
  return { nowhere: reason };
}

/** The resource is gone for it. */
export function gone(change: Change, options: Options & { readonly is?: string } = {}): Recipe {
  const { is = null, ...rest } = options;
  return told(({ subject }) => [missing(subject, is)], change, { whole: true, ...rest });
}

export function missing(what: string, is: unknown = null): Expected {
  return { kind: "missing", what, was: "there", is };
}

export function unmanaged(what: string, is: unknown = "there"): Expected {
  return { kind: "unmanaged", what, was: null, is };
}

/** What stands for all parts of a thing. */
export const everything = "everything";

/** One of something that has to be there. */
export function theOne<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`There is no ${what}.`);
  return value;
}
