import type { ContainerPlan } from "../../src/plan/containers.ts";
import type { MachinePlan } from "../../src/plan/machines.ts";
import type { HomelabPlan } from "../../src/plan/plan.ts";
import type { BuiltPlaces } from "../../src/state/built-places.ts";
import type { BuiltSettings } from "../../src/state/built-settings.ts";

/** What the state says of storages, files and bridges after an `up`. */
export function builtPlacesOf({ storages, images, machines, nodes }: HomelabPlan): BuiltPlaces {
  return {
    storages: storages
      .filter(({ origin }) => origin === "create")
      .map(({ name, type, location, nodes: where, content, ...rest }) => ({
        ...{ name, type, location, nodes: where, content, thin: "thin" in rest ? rest.thin : undefined },
        ...{ options: "options" in rest ? rest.options : undefined },
        ...{ username: "username" in rest ? rest.username : undefined },
        released: false,
      })),
    images: images.map(({ name, node, volumeId, url, checksum }) => ({ name, node, volumeId, url, checksum })),
    snippets: machines.flatMap((machine) => (machine.kind === "cloud" ? [machine.userData.volumeId] : [])),
    bridges: nodes
      .flatMap((node) => node.bridges)
      .filter(({ origin }) => origin === "create")
      .map(({ name, node, bridge: key, ports, vlanAware }) => ({ name, node, key, ports, vlanAware, released: false })),
  };
}

/** What the state says of a guest's settings after an `up`. */
export function builtSettingsOf(guest: ContainerPlan | MachinePlan): BuiltSettings {
  const machine = "cpuType" in guest ? guest : undefined;
  const container = "swapMib" in guest ? guest : undefined;
  return {
    ...guest.network,
    ...{ cores: guest.cores, memoryMib: guest.memoryMib },
    ...{ swapMib: container?.swapMib, distribution: container?.distribution },
    ...{ cpuType: machine?.cpuType, balloonMib: machine?.balloonMib, agent: machine?.agent },
    userData: machine?.kind === "cloud" ? machine.userData.volumeId : undefined,
  };
}
