import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import type { StepPlan } from "../../src/plan/steps.ts";
import { renderApply } from "../../src/provision/render-commands.ts";
import { renderStep, secretsOf } from "../../src/provision/render-step.ts";
import type { DebianGuest, Run } from "./debian-guest.ts";

/** How steps are applied in a guest that is nobody's. */
export const place = { kind: "node", node: "pve-01" } as const;

/** The inventory that is shipped. */
export const inventory = loadInventory(resolve(import.meta.dirname, "../.."));

/** The steps of a guest. */
export function stepsOf(name: string, from: Inventory = inventory): readonly StepPlan[] {
  return required(planHomelab(from).steps.find((guest) => guest.name === name)).steps;
}

/** What apt is told to install. */
export function packagesOf(all: readonly StepPlan[]): string[] {
  const preferences = all.flatMap(({ files }) => files.map(({ text }) => text.map(String).join("")));
  const names = preferences.flatMap((text) => [...text.matchAll(/^Package: (\S+)$/gm)].map(([, name = ""]) => name));
  return [...new Set(names)].sort();
}

/** Applies a step as a node does; secrets without a value are `secret`. */
export function applyStep(
  guest: DebianGuest,
  step: StepPlan,
  revision = 1,
  values: Readonly<Record<string, string>> = {},
): Run {
  const secrets = Object.fromEntries(secretsOf(step).map((name) => [name, values[name] ?? "secret"]));
  return guest.run(renderApply(place, step.name), renderStep(step, revision, secrets));
}

/** Looks again and again, for a minute at most. */
export async function eventually<T>(look: () => T, wanted: (found: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 120; tries++) {
    const found = look();
    if (wanted(found)) return found;
    await wait(500);
  }
  return look();
}

/** What has to be there. */
export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("It is not there.");
  return value;
}
