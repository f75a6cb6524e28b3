import type { Inventory } from "../inventory.ts";
import type { RuleIssue } from "./rule.ts";

/** No two data disks of a machine are mounted over each other. */
export function checkDataDisks({ machines }: Inventory): RuleIssue[] {
  return Object.entries(machines).flatMap(([name, machine]) => {
    if (machine.kind !== "cloud") return [];
    const owners = new Map<string, string>();
    return Object.entries(machine.disks).flatMap(([slot, { path }]) => {
      if (path === undefined) return [];
      const first = owners.get(path);
      if (first === undefined) owners.set(path, slot);
      if (first === undefined) return [];
      return [
        {
          path: ["machines", name, "disks", slot, "path"],
          problem: `${first} is mounted at ${path} already.`,
          remedy: "Give each disk a path of its own.",
        },
      ];
    });
  });
}
