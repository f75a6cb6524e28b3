import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { loadInventory } from "../../../src/inventory/load.ts";
import { planHomelab } from "../../../src/plan/plan.ts";
import { copyProject } from "../../copy-project.ts";
import { peerRuns, type PeerRun } from "./commands.ts";
import { compareContainers } from "./compare-containers.ts";
import type { Peer } from "./find-peer.ts";
import { prepareOpenTofu } from "./opentofu-side.ts";
import { prepareOurSide } from "./our-side.ts";
import { writePlainInventory } from "./plain-inventory.ts";
import type { Both, ResourceCounts, Side } from "./side.ts";

/** What one run of one side has taken. */
export interface SideFigures {
  readonly seconds: number;
  /** How many requests the API has answered. */
  readonly requests: number;
}

/** What all runs of both sides have taken, once. */
export interface Round {
  readonly runs: readonly { readonly run: PeerRun; readonly figures: Both<SideFigures> }[];
  readonly resources: Both<ResourceCounts>;
}

/** What is measured. */
export interface PeerMeasured {
  readonly containers: number;
  readonly peer: Peer;
  /** From 1; in every second round OpenTofu goes first. */
  readonly round: number;
}

/**
 * Measures each run of both sides in turn, each on a simulator of its own.
 * @throws {Error} if a run fails, or the containers are not the same on both sides
 */
export async function measureRound(
  { containers, peer, round }: PeerMeasured,
  tell: (text: string) => void,
): Promise<Round> {
  const [project, folder] = [copyProject({ services: true }), mkdtempSync(join(tmpdir(), "homelab-peer-"))];
  const simulators = { ours: await startCounted(), openTofu: await startCounted() };
  try {
    writePlainInventory(project, containers);
    const plan = planHomelab(loadInventory(project));
    const sides: Both<Side> = {
      ours: await prepareOurSide(project, simulators.ours.simulator),
      openTofu: prepareOpenTofu(folder, plan, simulators.openTofu.simulator, peer),
    };
    const order = round % 2 === 1 ? (["ours", "openTofu"] as const) : (["openTofu", "ours"] as const);
    const runs: Round["runs"][number][] = [];
    let resources: Both<ResourceCounts> = { ours: noResources, openTofu: noResources };
    for (const run of peerRuns) {
      const figures = { ours: nothing, openTofu: nothing };
      for (const name of order) {
        tell(`${containers} containers, round ${round}: ${run}, ${name === "ours" ? name : "OpenTofu"} …`);
        figures[name] = await measureRun(sides[name], run, simulators[name]);
      }
      runs.push({ run, figures });
      compareContainers(simulators.ours.simulator.state.guests, simulators.openTofu.simulator.state.guests);
      if (run === "up")
        resources = { ours: await sides.ours.countResources(), openTofu: await sides.openTofu.countResources() };
    }
    return { runs, resources };
  } finally {
    await Promise.all(Object.values(simulators).map(({ simulator }) => simulator.close()));
    for (const each of [project, folder]) rmSync(each, { recursive: true, force: true });
  }
}

const nothing: SideFigures = { seconds: 0, requests: 0 };
const noResources: ResourceCounts = { same: 0, others: {}, internal: 0 };

interface CountedSimulator {
  readonly simulator: Simulator;
  readonly count: { requests: number };
}

async function startCounted(): Promise<CountedSimulator> {
  const count = { requests: 0 };
  const simulator = await startSimulator({
    log: () => {
      count.requests += 1;
    },
  });
  return { simulator, count };
}

async function measureRun(side: Side, run: PeerRun, { count }: CountedSimulator): Promise<SideFigures> {
  count.requests = 0;
  const start = performance.now();
  await side.execute(run);
  return { seconds: (performance.now() - start) / 1000, requests: count.requests };
}
