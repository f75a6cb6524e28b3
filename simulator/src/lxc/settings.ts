import { parseSetting, plainSetting, printSetting, randomMac } from "../guest/config.ts";
import { printTags } from "../guest/tags.ts";
import { splitList } from "../lists.ts";
import type { World } from "../world.ts";

/** Settings as a request brings them. */
export type Settings = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes a setting of a container as its configuration file has it. */
export function storeSetting(world: World, name: string, value: string | number | boolean): string {
  const text = String(value);
  if (name === "tags") return printTags(world, text);
  // The file keeps a description as comment lines: it comes back with a line break at its end.
  if (name === "description") return text === "" || text.endsWith("\n") ? text : `${text}\n`;
  if (name === "nameserver" || name === "searchdomain") return splitList(text).join(" ");
  if (/^net\d+$/.test(name)) return printNetwork(name, text);
  // The second version of control groups knows no weight above 10000.
  if (name === "cpuunits") return String(Math.min(10_000, Math.max(1, Number(value))));
  return plainSetting("lxc", name, value);
}

/** Gives a network interface another address: clones must not share one. */
export function withNewMac(name: string, text: string): string {
  const { hwaddr: _, ...network } = parseSetting("lxc", name, text);
  return printSetting("lxc", name, { ...network, hwaddr: randomMac() });
}

function printNetwork(name: string, text: string): string {
  const network = parseSetting("lxc", name, text);
  return printSetting("lxc", name, { ...network, type: "veth", hwaddr: network["hwaddr"] ?? randomMac() });
}
