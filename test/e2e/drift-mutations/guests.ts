import { missing, theOne, told, type Cluster, type Recipe, type Target } from "./mutation.ts";

type Change = (cluster: Cluster, target: Target) => void;
type Key = string | ((target: Target) => string);

/** The guest that a resource is, or guards. */
export function guestOf({ guests }: Cluster, { inputs, subject }: Target) {
  return theOne(guests[vmidOf(inputs)], subject);
}

export function vmidOf({ vmId }: Target["inputs"]): number {
  return Number(vmId);
}

/** Writes a whole line of a guest's configuration; without a value it takes it away. */
export function line(key: Key, value?: string): Change {
  return (cluster, target) => {
    const { config } = guestOf(cluster, target);
    const name = nameOf(key, target);
    if (config[name] === value) throw new Error(`${target.subject} has ${name} ${String(value)} already.`);
    if (value === undefined) Reflect.deleteProperty(config, name);
    else config[name] = value;
  };
}

/** Writes one of the values of a line: `tag` of `net0`. */
export function part(key: Key, name: string, value: string): Change {
  return replaced(key, new RegExp(`(^|,)${name}=[^,]*`), `$1${name}=${value}`, `,${name}=${value}`);
}

/** Replaces a text in a line, or appends another where it is not there. */
export function replaced(key: Key, pattern: RegExp | string, replacement: string, appended = ""): Change {
  return (cluster, target) => {
    const { config } = guestOf(cluster, target);
    const name = nameOf(key, target);
    const before = theOne(config[name], `${name} in ${target.subject}`);
    const after = before.replace(pattern, replacement);
    config[name] = after === before ? `${before}${appended}` : after;
    if (config[name] === before) throw new Error(`${target.subject} has ${before} already.`);
  };
}

/** Moves a volume to another storage of its node, with all that names it. */
export function moved(key: Key): Change {
  return (cluster, target) => {
    const { config, node } = guestOf(cluster, target);
    const name = nameOf(key, target);
    const [, from = "", volume = ""] = /^([^:]+):([^,]+)/.exec(config[name] ?? "") ?? [];
    const to = otherStorage(from);
    config[name] = (config[name] ?? "").replace(`${from}:`, `${to}:`);
    const source = cluster.volumes[`${node}/${from}`];
    const moving = theOne(source?.[volume], `${from}:${volume}`);
    if (source !== undefined) Reflect.deleteProperty(source, volume);
    cluster.volumes[`${node}/${to}`] = { ...cluster.volumes[`${node}/${to}`], [volume]: moving };
  };
}

/** The other storage for disks. */
export function otherStorage(storage: unknown): string {
  return storage === "fast" ? "local-zfs" : "fast";
}

function nameOf(key: Key, target: Target): string {
  return typeof key === "string" ? key : key(target);
}

/** Another node has it, with its disks. */
export function migrated(word: string): Recipe {
  return told(
    ({ subject, name, inputs, value }) =>
      word === "machine" && value === "pve-02"
        ? // The provider looks for machines in the whole cluster, and reads their disks where the storage is.
          [{ kind: "changed", what: `${subject}: nodeName`, was: value, is: otherNode(value) }]
        : [missing(subject, `VMID ${vmidOf(inputs)} is the ${word} ${name} on ${otherNode(inputs["nodeName"])}.`)],
    (cluster, target) => {
      const guest = guestOf(cluster, target);
      const [from, to] = [guest.node, otherNode(guest.node)];
      guest.node = to;
      for (const [home, own] of Object.entries(cluster.volumes)) {
        if (!home.startsWith(`${from}/`)) continue;
        for (const [name, volume] of Object.entries(own)) {
          if (volume.vmid !== guest.vmid) continue;
          Reflect.deleteProperty(own, name);
          const there = home.replace(from, to);
          cluster.volumes[there] = { ...cluster.volumes[there], [name]: volume };
        }
      }
    },
    {
      unchecked: ({ name }) => [`steps in ${name}`],
      whole: true,
      // What guards it is gone from there, too.
      fits: ({ name }) => name !== "traefik-dmz",
    },
  );
}

/** The other one of two nodes. */
export function otherNode(node: unknown): string {
  return node === "pve-01" ? "pve-02" : "pve-01";
}
