import { readMachine, renderMachine } from "../machine.ts";
import { findPeer } from "./find-peer.ts";
import { measureRound, type Round } from "./measure-peer.ts";
import { peerLegend, renderPeer } from "./render-peer.ts";
import { summarizeRounds, type PeerFigures } from "./summarize-rounds.ts";

/** What is compared, and where the programs are. */
export interface PeerOptions {
  /** Numbers of containers. */
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly tofu: string | undefined;
  readonly provider: string | undefined;
  readonly json: boolean;
}

/**
 * Compares this project with OpenTofu and prints the figures.
 * @throws {MissingPeerError} if OpenTofu or the provider is missing
 */
export async function benchPeer({ sizes, rounds, tofu, provider, json }: PeerOptions): Promise<void> {
  const peer = findPeer({ tofu, provider });
  const machine = { ...readMachine(), openTofu: peer.version };
  if (!json) process.stdout.write(`${renderMachine(machine)}, OpenTofu ${peer.version}\n`);
  const comparisons: PeerFigures[] = [];
  for (const containers of sizes) {
    const measure = (round: number): Promise<Round> =>
      measureRound({ containers, peer, round }, (text) => process.stderr.write(`${text}\n`));
    const measured: [Round, ...Round[]] = [await measure(1)];
    while (measured.length < rounds) measured.push(await measure(measured.length + 1));
    const figures = summarizeRounds(containers, measured);
    comparisons.push(figures);
    if (!json) process.stdout.write(`\n${renderPeer(figures)}`);
  }
  process.stdout.write(json ? `${JSON.stringify({ machine, comparisons }, null, 2)}\n` : `\n${peerLegend}`);
}
