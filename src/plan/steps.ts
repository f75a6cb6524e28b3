import type { DriftPolicy } from "../inventory/on-drift.ts";

/** A secret setting of the stack, in the middle of a text. */
export interface SecretPart {
  /** Name of the setting. */
  readonly secret: string;
  /** Why the stack needs it, as a sentence for an error. */
  readonly reason: string;
  /** Only this homelab uses it, so that a random value will do, which bootstrap makes up. */
  readonly generated?: true;
}

/** Text of which some parts are secrets: `["password = ", { secret: "grafanaAdminPassword", reason }, "\n"]`. */
export type TextPlan = readonly (string | SecretPart)[];

/** One file in a guest or on a node. */
export interface FilePlan {
  readonly path: string;
  /** As chmod takes it. */
  readonly mode: "0440" | "0600" | "0640" | "0644" | "0755";
  /** As chown takes it: `root:prometheus`. Who is named has to be there by then: by a step before, or by `prepare`. */
  readonly owner: string;
  /** Ends with a newline. */
  readonly text: TextPlan;
}

/**
 * One thing to bring about in a guest or on a node, all of it or nothing: files are staged and checked, then replaced at once
 * and activated; where that fails, what was there before is put back. The scripts are POSIX shell and run as root with
 * `set -eu`. A guest's steps run in their order.
 */
export interface StepPlan {
  /** Logical name: `prometheus-configuration`. */
  readonly name: string;
  readonly files: readonly FilePlan[];
  /** Creates the users that own the files, before anything is staged; it may run again at any time. */
  readonly prepare?: string;
  /** Refuses what is staged below `$STAGED` before anything is replaced: `promtool check config "$STAGED/etc/prometheus/prometheus.yml"`. */
  readonly check?: string;
  /** Lets take effect what has changed: `systemctl reload prometheus`. It may run again at any time. */
  readonly activate?: string;
  /** Succeeds while all is as it should be, and changes nothing; every preview asks it, so that it has to be quick. */
  readonly verify?: string;
  /** How long `verify` may fail after `activate` before that counts as failed; 0 where it is left out. */
  readonly settleSeconds?: number;
  /** How long the whole step may take; as the one that runs it decides where it is left out. */
  readonly timeoutSeconds?: number;
  /** Systemd units whose journal is shown where `activate` fails: `["prometheus"]`. */
  readonly units?: readonly string[];
  /** Prints a secret that others need, such as a token that was made in the guest. */
  readonly result?: string;
}

/** Where steps are brought about: in a guest, through its node, or on the node itself. */
export type Place =
  | { readonly kind: "container" | "machine"; readonly node: string; readonly vmid: number }
  | { readonly kind: "node"; readonly node: string };

/** The steps of one guest or node, in their order. */
export interface PlacedStepsPlan {
  /** Name of the guest or node. */
  readonly name: string;
  readonly place: Place;
  readonly steps: readonly StepPlan[];
  /** What becomes of what somebody changes there. */
  readonly onDrift: DriftPolicy;
}
