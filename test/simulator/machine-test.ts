import { test as base } from "vitest";
import { instantClock } from "../../simulator/src/clock.ts";
import { nodeMachine } from "../../simulator/src/node-commands/node-machine.ts";
import type { Machine } from "../../simulator/src/shell/machine.ts";
import { Shell } from "../../simulator/src/shell/shell.ts";
import { ShellState } from "../../simulator/src/shell/shell-state.ts";
import { BufferInput, BufferOutput } from "../../simulator/src/shell/streams.ts";
import { defaultSeed } from "../../simulator/src/state/seed.ts";
import { World } from "../../simulator/src/world.ts";

/** What a script has done. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Fixtures {
  readonly world: World;
  readonly machine: Machine;
  /** Runs a script on the first node, without SSH. */
  readonly sh: (script: string, input?: string) => Promise<Outcome>;
  /** The same, and expects it to succeed: only its output. */
  readonly out: (script: string, input?: string) => Promise<string>;
}

/** A test with a node whose commands can be run. */
export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures out of the pattern
  world: async ({}, use) => {
    const world = new World(defaultSeed(), instantClock());
    await use(world);
    world.clock.stop();
  },
  machine: async ({ world }, use) => {
    await use(nodeMachine(world, "pve-01", "-----BEGIN CERTIFICATE-----\n"));
  },
  sh: async ({ machine }, use) => {
    await use(async (script, input = "") => {
      const state = ShellState.begin({ HOME: "/root", PATH: "/usr/bin" }, "/root");
      const [stdout, stderr] = [new BufferOutput(), new BufferOutput()];
      const outputs = new Map([
        [1, stdout],
        [2, stderr],
      ]);
      const shell = new Shell(machine, state, new AbortController().signal);
      const code = await shell.run(script, { input: new BufferInput(input), outputs });
      return { code, out: stdout.text, err: stderr.text };
    });
  },
  out: async ({ sh }, use) => {
    await use(async (script, input) => {
      const { code, out, err } = await sh(script, input);
      if (code !== 0) throw new Error(`${script} ended with ${code}: ${err}`);
      return out;
    });
  },
});
