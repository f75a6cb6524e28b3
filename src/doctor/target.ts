import type { HomelabPlan } from "../plan/plan.ts";
import type { Managed } from "./managed.ts";

/** How nodes are reached over SSH, as the stack says. */
export interface SshTarget {
  readonly username: string;
  readonly nodes: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
  /** What the ssh program is told besides, such as which key to use. */
  readonly options: readonly string[];
}

/** What is examined: a plan, and the place where it is to be built. */
export interface Target {
  readonly plan: HomelabPlan;
  readonly stack: string;
  readonly endpoint: string;
  readonly insecure: boolean;
  /** Undefined where the stack has none. */
  readonly apiToken: string | undefined;
  /** The secret of the token of Prometheus's exporter; undefined where the stack has none. */
  readonly pveExporterToken: string | undefined;
  /** The setting caFile, and what is in the file. */
  readonly ca: { readonly file: string; readonly pem: string } | undefined;
  readonly ssh: SshTarget;
  /** The names of the secret settings that the stack has. */
  readonly secrets: ReadonlySet<string>;
  /** Undefined where the state cannot be read. */
  readonly managed: Managed | undefined;
}
