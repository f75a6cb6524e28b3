import { textOf, type Inputs } from "./lookup.ts";

/** Where in the inventory something is said. */
export interface Place {
  /** Undefined where no file says it: the program decides it for all. */
  readonly file?: string;
  /** `containers.grafana.memory` */
  readonly key?: string;
}

/** A resource whose place is asked for. */
export interface PlacedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
}

/** The inventory's word for a property of a guest, where it is another one; the longest that fits counts. */
const guestKeys: readonly (readonly [prefix: string, key: string])[] = [
  ["cpu.cores", "cores"],
  ["cpu.type", "cpuType"],
  ["memory.dedicated", "memory"],
  ["memory.floating", "memory"],
  ["memory.swap", "swap"],
  ["features.nesting", "nesting"],
  ["operatingSystem", "image"],
  ["initialization.ipConfigs", "address"],
  ["initialization.dns", "network"],
  ["networkInterfaces", "network"],
  ["networkDevices", "network"],
  ["mountPoints", "volumes"],
  ["disks[0]", "disk"],
  ["disks", "disks"],
  ["disk.size", "disk.size"],
  ["disk.datastoreId", "disk.storage"],
  ["startup.order", "startup.order"],
  ["startup.upDelay", "startup.delay"],
  ["nodeName", "node"],
  ["vmId", "vmid"],
  ["tags", "tags"],
  ["unprivileged", "privileged"],
];
const storageKeys: readonly (readonly [string, string])[] = [
  ["contents", "content"],
  ["zfsPool", "pool"],
  ["thinProvision", "thin"],
];
const jobKeys: readonly (readonly [string, string])[] = [
  ["pruneBackups", "retention"],
  ["bwlimit", "bandwidth"],
  ["excludes", "exclude"],
  ["notesTemplate", "notes"],
  ["compress", "compression"],
];
const unchanged = (names: readonly string[]) => names.map((name) => [name, name] as const);

/** An entry of the inventory, and its words for the properties of what it stands for. */
interface Entry {
  readonly file: string;
  /** `grafana`, `pve-01.pools.fast` */
  readonly name: string;
  readonly keys: readonly (readonly [prefix: string, key: string])[];
}

/** Finds what the inventory says of a property. */
export function placeOf(resource: PlacedResource, property: string): Place {
  const found = findEntry(resource);
  if (found === undefined) return {};
  const key = found.keys
    .filter(
      ([prefix]) =>
        property === prefix ||
        prefix === "" ||
        (/^[.[]/.test(property.slice(prefix.length)) && property.startsWith(prefix)),
    )
    .sort(([a], [b]) => b.length - a.length)[0]?.[1];
  return { file: `config/homelab/${found.file}.yaml`, key: `${pathOf(found)}${key === undefined ? "" : `.${key}`}` };
}

/** Finds the entry of the inventory that stands for a resource: `containers.grafana`; what is decided for all has none. */
export function entryOf(resource: PlacedResource): string | undefined {
  const found = findEntry(resource);
  return found === undefined ? undefined : pathOf(found);
}

function pathOf({ file, name }: Entry): string {
  return `${file}.${name}`;
}

function findEntry({ type, name, inputs }: PlacedResource): Entry | undefined {
  switch (type.split(":").at(-1) ?? "") {
    case "ContainerLegacy":
      return entry("containers", name, guestKeys);
    case "VmLegacy":
      return entry("machines", name, guestKeys);
    case "FileLegacy":
      return entry("machines", name.replace(/-user-data$/, ""), []);
    case "RulesLegacy":
    case "OptionsLegacy":
      return entry(
        inputs["vmId"] === undefined ? "containers" : "machines",
        name.replace(/-firewall(?:-options)?$/, ""),
        [["", "firewall"]],
      );
    case "Zfs":
      return entry("nodes", `${textOf(inputs, "nodeName")}.pools.${textOf(inputs, "name")}`, [
        ["devices", "disks"],
        ["raidlevel", "layout"],
        ...unchanged(["ashift", "compression"]),
      ]);
    case "Bridge":
      return entry(
        "nodes",
        `${textOf(inputs, "nodeName")}.bridges.${textOf(inputs, "name")}`,
        unchanged(["ports", "vlanAware"]),
      );
    case "Firewall":
      return entry("nodes", name, [["enabled", "firewall"]]);
    case "File":
      return entry("images", withoutNode(name, inputs), unchanged(["url", "fileName", "checksum"]));
    case "Job":
      return entry("backups", withoutNode(name, { nodeName: inputs["node"] }), [
        ...jobKeys,
        ...unchanged(["schedule", "storage", "mode", "repeatMissed"]),
      ]);
    case "Server":
      return entry("services", "influxdb", [
        ["influxOrganization", "organization"],
        ["influxBucket", "bucket"],
      ]);
    case "Zfspool":
    case "Directory":
    case "Nfs":
    case "Cifs":
      return entry("storage", name, [
        ...storageKeys,
        ["subdirectory", "subdir"],
        ...unchanged(["nodes", "path", "server", "export", "share", "username", "options"]),
      ]);
    default:
      return undefined;
  }
}

function entry(file: string, name: string, keys: Entry["keys"]): Entry {
  return { file, name, keys };
}

function withoutNode(name: string, inputs: Inputs): string {
  const suffix = `-${textOf(inputs, "nodeName")}`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
