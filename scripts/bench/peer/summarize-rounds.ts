import type { PeerRun } from "./commands.ts";
import type { Round, SideFigures } from "./measure-peer.ts";
import type { Both, ResourceCounts } from "./side.ts";

/** One run of both sides, with the medians of all rounds. */
export interface ComparedRun extends Both<SideFigures> {
  readonly run: PeerRun;
  /** Our seconds divided by OpenTofu's. */
  readonly ratio: number;
}

/** What both sides have taken for one number of containers. */
export interface PeerFigures {
  readonly containers: number;
  readonly rounds: number;
  readonly resources: Both<ResourceCounts>;
  readonly runs: readonly ComparedRun[];
}

/** Summarizes rounds with the same number of containers. */
export function summarizeRounds(containers: number, rounds: readonly [Round, ...Round[]]): PeerFigures {
  const [{ resources, runs }] = rounds;
  const compared = runs.map(({ run }, index): ComparedRun => {
    const figures = rounds.flatMap((round) => round.runs[index]?.figures ?? []);
    const ours = medians(figures.map((both) => both.ours));
    const openTofu = medians(figures.map((both) => both.openTofu));
    return { run, ours, openTofu, ratio: ours.seconds / openTofu.seconds };
  });
  return { containers, rounds: rounds.length, resources, runs: compared };
}

function medians(figures: readonly SideFigures[]): SideFigures {
  return {
    seconds: median(figures.map(({ seconds }) => seconds)),
    requests: median(figures.map(({ requests }) => requests)),
  };
}

/** The value in the middle; of an even number of values the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}
