/** What is done with the containers, in this order. */
export const peerRuns = [
  "preview",
  "up",
  "preview, nothing to do",
  "preview with refresh",
  "refresh",
  "destroy",
] as const;

/** One of the runs that are compared. */
export type PeerRun = (typeof peerRuns)[number];

type Commands = Readonly<Record<PeerRun, readonly [command: string, ...options: string[]]>>;

const confirmed = ["--yes", "--skip-preview"];

/** What each run gives to Pulumi; with `--expect-no-changes` it fails if there is something to change. */
export const pulumiCommands: Commands = {
  preview: ["preview"],
  up: ["up", ...confirmed],
  "preview, nothing to do": ["preview", "--expect-no-changes"],
  "preview with refresh": ["preview", "--refresh", "--expect-no-changes"],
  refresh: ["refresh", ...confirmed, "--expect-no-changes"],
  destroy: ["destroy", ...confirmed],
};

/**
 * What each run gives to OpenTofu; with `-detailed-exitcode` it fails if there is something to change.
 *
 * Without `-refresh=false` it would read the server in runs in which Pulumi does not.
 */
export const openTofuCommands: Commands = {
  preview: ["plan"],
  up: ["apply", "-auto-approve"],
  "preview, nothing to do": ["plan", "-refresh=false", "-detailed-exitcode"],
  "preview with refresh": ["plan", "-detailed-exitcode"],
  refresh: ["apply", "-refresh-only", "-auto-approve"],
  destroy: ["destroy", "-refresh=false", "-auto-approve"],
};
