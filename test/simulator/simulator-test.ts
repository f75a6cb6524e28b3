import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { test as base } from "vitest";
import { ManualClock } from "../../simulator/src/clock.ts";
import { conformanceProblem, endpointOf } from "./official-schema.ts";

interface Fixtures {
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  /** Makes a request that starts a task, lets the task's time pass, and returns its exit status. */
  readonly run: (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<string>;
}

/** A test with a fresh simulator of its own, whose time stands still until the test moves it. */
export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures out of the pattern
  clock: async ({}, use) => {
    await use(new ManualClock());
  },
  simulator: async ({ clock }, use) => {
    const simulator = await startSimulator({ clock });
    await use(Object.assign(simulator, { request: conforming(simulator.request) }));
    await simulator.close();
  },
  run: async ({ simulator, clock }, use) => {
    await use(async (method, path, parameters) => {
      const upid = await simulator.request<string>(method, path, parameters);
      clock.advance(3600);
      const [, node = ""] = upid.split(":");
      return (await simulator.request<{ exitstatus: string }>("GET", `/nodes/${node}/tasks/${upid}/status`)).exitstatus;
    });
  },
});

/** Every answer that any test gets is compared with the official schema, where that is at hand. */
function conforming(request: Simulator["request"]): Simulator["request"] {
  return async (method, path, parameters) => {
    const data = await request<never>(method, path, parameters);
    const key = endpointOf(method, path);
    const problem = key === undefined ? undefined : conformanceProblem(key, data);
    if (problem !== undefined) throw new Error(problem);
    return data;
  };
}
