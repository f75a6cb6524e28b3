import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";
import { nodesOf, resourcesOf } from "./rules.ts";
import { guestOf } from "./state.ts";

/** What keeps a resource from a node, and why. */
export type Obstacle = Readonly<{ sid: string; cause: "node-affinity" | "resource-affinity" }>;

/** The resources that rules let go along, as they have to be where this one is. */
export function findCompanions(world: World, sid: string, target: string): string[] {
  const together = rulesOf(world, sid, "resource-affinity").filter(({ affinity }) => affinity === "positive");
  const others = new Set(together.flatMap(resourcesOf).filter((other) => other !== sid));
  return [...others].filter((other) => guestOf(world, other)?.node !== target).sort();
}

/** What rules have against a resource, or one that goes along, on a node. */
export function findObstacles(world: World, sid: string, target: string): Obstacle[] {
  return [sid, ...findCompanions(world, sid, target)].flatMap((moved) => [
    ...rulesOf(world, moved, "node-affinity")
      .filter((rule) => rule["strict"] === "1" && !nodesOf(rule).has(target))
      .map(() => ({ sid: moved, cause: "node-affinity" as const })),
    ...rulesOf(world, moved, "resource-affinity")
      .filter(({ affinity }) => affinity === "negative")
      .flatMap(resourcesOf)
      .filter((other) => other !== moved && guestOf(world, other)?.node === target)
      .map((other) => ({ sid: other, cause: "resource-affinity" as const })),
  ]);
}

function rulesOf(world: World, sid: string, type: string): Section[] {
  return Object.values(world.state.sections.haRules).filter(
    (rule) => rule["type"] === type && rule["disable"] !== "1" && resourcesOf(rule).includes(sid),
  );
}
