import type { ContainerPlan } from "../plan/containers.ts";
import type { MachinePlan } from "../plan/machines.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import { needsRestart } from "../report/downtime.ts";
import type { Built, BuiltContainer, BuiltGuest, BuiltMachine } from "../state/built.ts";

/** A setting that an edit changes: the engine's name of it, and the inventory's word. */
type Changed = readonly [property: string, word: string];

/** Says in one sentence which guests a run restarts, each with the settings for which it does. */
export function noteRestarts(
  { containers, machines }: Pick<HomelabPlan, "containers" | "machines">,
  { guests }: Built,
): string[] {
  const restarts = guests.flatMap((built): string[] => {
    const words = changesOf(built, { containers, machines })
      .filter(([property]) => needsRestart(built.kind, property))
      .map(([, word]) => word);
    return words.length === 0 ? [] : [`${built.name} (${[...new Set(words)].join(", ")})`];
  });
  if (restarts.length === 0) return [];
  const what = restarts.length === 1 ? "1 guest restarts" : `${restarts.length} guests restart`;
  return [`${what} in this run: ${restarts.sort().join(", ")}.`];
}

function changesOf(
  built: BuiltGuest,
  { containers, machines }: Pick<HomelabPlan, "containers" | "machines">,
): Changed[] {
  if (built.kind === "container") {
    const wanted = containers.find(({ name }) => name === built.name);
    return wanted === undefined ? [] : changesOfContainer(wanted, built);
  }
  const wanted = machines.find(({ name }) => name === built.name);
  return wanted === undefined ? [] : changesOfMachine(wanted, built);
}

function changesOfContainer(wanted: ContainerPlan, { settings }: BuiltContainer): Changed[] {
  return [
    ...changesOfNetwork(wanted, settings, "networkInterfaces"),
    ...changed("cpu.cores", "cores", settings.cores, wanted.cores),
    ...changed("memory.dedicated", "memory", settings.memoryMib, wanted.memoryMib),
    ...changed("memory.swap", "swap", settings.swapMib, wanted.swapMib),
    ...changed("operatingSystem.type", "image", settings.distribution, wanted.distribution),
  ];
}

function changesOfMachine(wanted: MachinePlan, { settings, disks }: BuiltMachine): Changed[] {
  return [
    ...changesOfNetwork(wanted, settings, "networkDevices"),
    ...changed("cpu.cores", "cores", settings.cores, wanted.cores),
    ...changed("cpu.type", "cpuType", settings.cpuType, wanted.cpuType),
    ...changed("memory.dedicated", "memory", settings.memoryMib, wanted.memoryMib),
    ...changed("memory.floating", "memory", settings.balloonMib, wanted.balloonMib),
    ...changed("agent.enabled", "image", settings.agent, wanted.agent),
    ...[wanted.systemDisk, ...wanted.dataDisks].flatMap(({ interface: slot, storage }, index) => {
      const there = disks.find((disk) => disk.slot === slot);
      return changed(`disks[${index}].datastoreId`, `storage of ${slot}`, there?.storage, storage);
    }),
  ];
}

function changesOfNetwork(
  { network }: ContainerPlan | MachinePlan,
  settings: BuiltGuest["settings"],
  interfaces: string,
): Changed[] {
  return [
    ...changed("initialization.ipConfigs[0].ipv4.address", "address", settings.address, network.address),
    ...changed("initialization.ipConfigs[0].ipv4.gateway", "gateway", settings.gateway, network.gateway),
    ...changed("initialization.dns.servers", "dns", settings.dns.join(), network.dns.join()),
    ...changed(`${interfaces}[0].vlanId`, "vlan", settings.vlan, network.vlan),
    ...changed(`${interfaces}[0].bridge`, "bridge", settings.bridge, network.bridge),
    ...changed(`${interfaces}[0].firewall`, "firewall", settings.firewall, network.firewall),
  ];
}

/** What the state does not know is no change. */
function changed<T>(property: string, word: string, was: T | undefined, is: T): Changed[] {
  return was === undefined || was === is ? [] : [[property, word]];
}
