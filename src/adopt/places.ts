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

/** Finds what the inventory says of a property. */
export function placeOf({ type, name, inputs }: PlacedResource, property: string): Place {
  switch (type.split(":").at(-1) ?? "") {
    case "ContainerLegacy":
      return place("containers", name, property, guestKeys);
    case "VmLegacy":
      return place("machines", name, property, guestKeys);
    case "FileLegacy":
      return place("machines", name.replace(/-user-data$/, ""), property, []);
    case "RulesLegacy":
    case "OptionsLegacy":
      return place(
        inputs["vmId"] === undefined ? "containers" : "machines",
        name.replace(/-firewall(?:-options)?$/, ""),
        property,
        [["", "firewall"]],
      );
    case "Zfs":
      return place("nodes", `${textOf(inputs, "nodeName")}.pools.${textOf(inputs, "name")}`, property, [
        ["devices", "disks"],
        ["raidlevel", "layout"],
        ...unchanged(["ashift", "compression"]),
      ]);
    case "Bridge":
      return place(
        "nodes",
        `${textOf(inputs, "nodeName")}.bridges.${textOf(inputs, "name")}`,
        property,
        unchanged(["ports", "vlanAware"]),
      );
    case "Firewall":
      return place("nodes", name, property, [["enabled", "firewall"]]);
    case "File":
      return place("images", withoutNode(name, inputs), property, unchanged(["url", "fileName", "checksum"]));
    case "Job":
      return place("backups", withoutNode(name, { nodeName: inputs["node"] }), property, [
        ...jobKeys,
        ...unchanged(["schedule", "storage", "mode", "repeatMissed"]),
      ]);
    case "Server":
      return place("services", "influxdb", property, [
        ["influxOrganization", "organization"],
        ["influxBucket", "bucket"],
      ]);
    case "Zfspool":
    case "Directory":
    case "Nfs":
    case "Cifs":
      return place("storage", name, property, [
        ...storageKeys,
        ...unchanged(["nodes", "path", "server", "export", "share", "username", "options"]),
      ]);
    default:
      return {};
  }
}

function place(
  file: string,
  entry: string,
  property: string,
  keys: readonly (readonly [prefix: string, key: string])[],
): Place {
  const key = keys
    .filter(
      ([prefix]) =>
        property === prefix ||
        prefix === "" ||
        (/^[.[]/.test(property.slice(prefix.length)) && property.startsWith(prefix)),
    )
    .sort(([a], [b]) => b.length - a.length)[0]?.[1];
  return { file: `config/homelab/${file}.yaml`, key: `${file}.${entry}${key === undefined ? "" : `.${key}`}` };
}

function withoutNode(name: string, inputs: Inputs): string {
  const suffix = `-${textOf(inputs, "nodeName")}`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
