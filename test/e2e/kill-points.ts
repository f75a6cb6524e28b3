import type { KillableHomelab } from "./killed-run.ts";

/** What became of the points at which runs were killed. */
export interface KillReport {
  /** How many there were of those that were wanted. */
  readonly tried: number;
  /** Of those that were wanted, what no run came by. */
  readonly missed: readonly string[];
  /** How often a run went through after others were killed. */
  readonly chains: number;
  /** What did not go on, or not to the same end; each with the points before it. */
  readonly problems: readonly string[];
}

/** What is done with a homelab. */
export interface KillOptions {
  readonly homelab: KillableHomelab;
  /** `after POST /storage #2` */
  readonly wanted: readonly string[];
  /** Puts back what the runs begin with. */
  readonly restart: () => void;
  /** How many runs are killed one after the other, before one may go through. */
  readonly perChain: number;
  /** What is wrong with what has come of it, if anything is. */
  readonly examine: () => Promise<string | undefined>;
  readonly log?: (line: string) => void;
}

/**
 * Kills run after run, each at the first wanted point that no run was killed at yet; what comes after them has to go
 * through, and to end where an uninterrupted run does.
 */
export async function killAtAll({
  homelab,
  wanted,
  restart,
  perChain,
  examine,
  log,
}: KillOptions): Promise<KillReport> {
  const left = new Set(wanted);
  const problems: string[] = [];
  for (let chains = 0; ; chains += 1) {
    restart();
    const { killed, problem } = await killChain({ homelab, left, perChain, examine });
    for (const point of killed) log?.(point);
    log?.(`── ${problem ?? "goes on to the same end"} (${left.size} left)`);
    if (problem !== undefined) problems.push(`${killed.join(", ")}: ${problem}`);
    if (killed.length === 0) return { tried: wanted.length - left.size, missed: [...left], chains, problems };
    if (left.size === 0) return { tried: wanted.length, missed: [], chains: chains + 1, problems };
  }
}

/** Takes the points that it has tried from those that are left. */
async function killChain({
  homelab,
  left,
  perChain,
  examine,
}: Pick<KillOptions, "homelab" | "perChain" | "examine"> & { readonly left: Set<string> }): Promise<{
  killed: string[];
  problem: string | undefined;
}> {
  const done = new Map<string, number>();
  const killed: string[] = [];
  for (;;) {
    const mayKill = killed.length < perChain;
    const run = await homelab.up((request) => {
      const number = (done.get(request) ?? 0) + 1;
      const points = mayKill ? (["before", "after"] as const) : [];
      const when = points.find((word) => left.has(`${word} ${request} #${number}`));
      if (when !== "before") done.set(request, number);
      if (when === undefined) return undefined;
      left.delete(`${when} ${request} #${number}`);
      killed.push(`${when} ${request} #${number}`);
      return when;
    });
    if (run.killed !== undefined) continue;
    if (run.code !== 0) return { killed, problem: `up ends with ${String(run.code)}:\n${run.output}` };
    return { killed, problem: await examine() };
  }
}

/** The points of an uninterrupted run: before and after each request that changes something. */
export function pointsOf(requests: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return requests.flatMap((request) => {
    const number = (counts.get(request) ?? 0) + 1;
    counts.set(request, number);
    return [`before ${request} #${number}`, `after ${request} #${number}`];
  });
}
