import { softwareMemory } from "../guest-commands/software-memory.ts";
import type { SystemSoftware } from "../guest-commands/system.ts";
import { listVersions } from "../node/packages.ts";
import type { World } from "../world.ts";

/** The packages that someone has installed on a node, and its services. */
export function nodeSoftware(world: World, name: string): SystemSoftware {
  return {
    ...softwareMemory(world, () => world.node(name)),
    packages: () => ({
      ...Object.fromEntries(listVersions().map(({ Package: pack, Version: version }) => [pack, version])),
      ...world.node(name).packages,
    }),
    setPackage: (pack, version) => {
      world.transaction(() => {
        const packages = (world.node(name).packages ??= {});
        if (version === undefined) Reflect.deleteProperty(packages, pack);
        else packages[pack] = version;
      });
    },
    units: () => {
      const { services, disabledServices = [] } = world.node(name);
      const entries = Object.entries(services).map(
        ([unit, state]) => [unit, { enabled: !disabledServices.includes(unit), active: state === "running" }] as const,
      );
      return Object.fromEntries(entries);
    },
    setUnit: (unit, state) => {
      world.transaction(() => {
        const node = world.node(name);
        const others = (node.disabledServices ?? []).filter((other) => other !== unit);
        if (state === undefined) Reflect.deleteProperty(node.services, unit);
        else node.services[unit] = state.active ? "running" : "stopped";
        node.disabledServices = state === undefined || state.enabled ? others : [...others, unit];
      });
    },
  };
}
