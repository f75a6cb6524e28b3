import { rmSync } from "node:fs";
import { startSimulator } from "@proxmox-homelab/simulator";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { copyProject } from "../copy-project.ts";
import { createDemoStack } from "../demo-stack.ts";
import { addGuests } from "./add-guests.ts";
import { ProcessorWatch, type ProcessorTime } from "./processor-time.ts";
import { sumUpRequests, type Interval, type RequestFigures } from "./requests.ts";

/** What one run of the engine has taken. */
export interface RunFigures {
  readonly run: string;
  readonly seconds: number;
  /** Until the engine works on the first resource: it has started, and so have the program and the plugins. */
  readonly startSeconds: number;
  readonly requests: RequestFigures;
  /** Undefined where the system does not tell. */
  readonly processor: ProcessorTime | undefined;
}

/** What one inventory has taken. */
export interface InventoryFigures {
  readonly inventory: string;
  readonly guests: number;
  readonly resources: number;
  /** Of the resources: what is set up in guests and on nodes, each by a command over SSH. */
  readonly steps: number;
  readonly runs: readonly RunFigures[];
}

interface Options {
  readonly onEvent: (event: EngineEvent) => void;
}

const runs: readonly { readonly run: string; readonly start: (stack: Stack, options: Options) => Promise<unknown> }[] =
  [
    { run: "preview", start: (stack, options) => stack.preview(options) },
    { run: "up", start: (stack, options) => stack.up(options) },
    { run: "preview, nothing to do", start: (stack, options) => stack.preview({ ...options, expectNoChanges: true }) },
    { run: "refresh", start: (stack, options) => stack.refresh({ ...options, expectNoChanges: true }) },
    { run: "destroy", start: (stack, options) => stack.destroy({ ...options, excludeProtected: true }) },
  ];

/** What is measured. */
export interface Measured {
  /** How many guests there shall be; undefined leaves the inventory as it is shipped. */
  readonly guests: number | undefined;
  /** Whether something is set up in guests. */
  readonly services: boolean;
}

/** Measures the life of a homelab on a simulator whose tasks take no time. */
export async function measureInventory(
  { guests, services }: Measured,
  tell: (text: string) => void,
): Promise<InventoryFigures> {
  const project = copyProject({ services, disposable: true });
  const requests: Interval[] = [];
  const simulator = await startSimulator({
    log: ({ milliseconds }) => {
      const end = performance.now();
      requests.push({ start: end - milliseconds, end });
    },
  });
  const inventory = guests === undefined ? "as shipped" : `${guests} guests`;
  try {
    if (guests !== undefined) addGuests(project, guests);
    const plan = planHomelab(loadInventory(project));
    const stack = await createDemoStack(project, simulator);
    const figures: RunFigures[] = [];
    let resources = 0;
    for (const { run, start } of runs) {
      tell(`${inventory}: ${run} …`);
      requests.length = 0;
      figures.push({ run, ...(await measureRun(stack, start)), requests: sumUpRequests(requests) });
      if (run === "up") resources = await countResources(stack);
    }
    return {
      inventory,
      guests: plan.containers.length + plan.machines.length,
      resources,
      steps: plan.steps.reduce((sum, { steps }) => sum + steps.length, 0),
      runs: figures,
    };
  } finally {
    await simulator.close();
    rmSync(project, { recursive: true, force: true });
  }
}

async function measureRun(
  stack: Stack,
  run: (stack: Stack, options: Options) => Promise<unknown>,
): Promise<Pick<RunFigures, "seconds" | "startSeconds" | "processor">> {
  const watch = new ProcessorWatch();
  try {
    const start = performance.now();
    let first: number | undefined;
    await run(stack, {
      onEvent: ({ resourcePreEvent }) => {
        if (resourcePreEvent !== undefined) first ??= performance.now();
      },
    });
    const end = performance.now();
    return { seconds: (end - start) / 1000, startSeconds: ((first ?? end) - start) / 1000, processor: watch.figures() };
  } finally {
    watch.end();
  }
}

/** As the engine counts them: components, providers and the stack itself are resources, too. */
async function countResources(stack: Stack): Promise<number> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources: readonly unknown[] } };
  return deployment.resources.length;
}
