import type { SoftwareState } from "../state/software.ts";
import type { World } from "../world.ts";
import type { SoftwareMemory } from "./system.ts";

const linesKept = 500;

/** Keeps in the state what packages and units leave behind. */
export function softwareMemory(world: World, find: () => { software?: SoftwareState }): SoftwareMemory {
  const change = (work: (software: SoftwareState) => void) => {
    world.transaction(() => {
      work((find().software ??= {}));
    });
  };
  return {
    held: () => find().software?.held ?? [],
    hold: (name, held) => {
      change((software) => {
        const others = (software.held ?? []).filter((other) => other !== name);
        software.held = held ? [...others, name].sort() : others;
      });
    },
    unitFault: (unit) => find().software?.unitFaults?.[unit],
    failed: (unit) => find().software?.failedUnits?.includes(unit) ?? false,
    setFailed: (unit, failed) => {
      if (failed === (find().software?.failedUnits?.includes(unit) ?? false)) return;
      change((software) => {
        const others = (software.failedUnits ?? []).filter((other) => other !== unit);
        software.failedUnits = failed ? [...others, unit] : others;
      });
    },
    journal: () => find().software?.journal ?? [],
    log: (line) => {
      change((software) => {
        software.journal = [...(software.journal ?? []).slice(1 - linesKept), { ...line, time: world.seconds() }];
      });
    },
    traefik: () => find().software?.traefik,
    setTraefik: (start) => {
      change((software) => {
        software.traefik = start;
      });
    },
    downloads: () => world.state.downloads ?? {},
  };
}
