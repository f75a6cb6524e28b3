import { z } from "zod";
import { Guests, Interface, StorageConfigs, ZfsPools } from "../proxmox/answers.ts";
import type { ReadApi, Reading } from "../proxmox/read-api.ts";
import type { Lookup } from "./lookup.ts";

/** What came of looking for a resource. */
export type Found =
  | { readonly kind: "there" }
  | { readonly kind: "absent" }
  /** Something else has its place; what, and what to do about it. */
  | { readonly kind: "obstacle"; readonly text: string; readonly remedy: string }
  /** Something of its name is there that a run writes anew, which harms nobody. */
  | { readonly kind: "overwritten"; readonly text: string }
  | { readonly kind: "unread"; readonly text: string };

const Jobs = z.array(
  z.object({
    id: z.string(),
    node: z.string().optional(),
    storage: z.string().optional(),
    schedule: z.string().optional(),
  }),
);
const MetricServers = z.array(z.object({ id: z.string(), type: z.string() }));
const Rules = z.array(z.unknown());
const Volumes = z.array(z.object({ volid: z.string(), size: z.coerce.number().optional() }));

const there: Found = { kind: "there" };
const absent: Found = { kind: "absent" };

/** Looks for resources through the API, and changes nothing; what many ask for is read once. */
export class ResourceFinder {
  readonly #api: Pick<ReadApi, "read">;
  readonly #readings = new Map<string, Promise<Reading<unknown>>>();

  constructor(api: Pick<ReadApi, "read">) {
    this.#api = api;
  }

  async find(lookup: Lookup): Promise<Found> {
    switch (lookup.kind) {
      case "always":
        return there;
      case "guest":
        return this.#findGuest(lookup);
      case "rules":
        return this.#findRules(lookup);
      case "volume":
        return this.#findVolume(lookup);
      case "storage":
        return this.#findStorage(lookup);
      case "bridge":
        return this.#findBridge(lookup);
      case "pool":
        return whether(await this.#read(`/nodes/${lookup.node}/disks/zfs`, ZfsPools), (pools) =>
          pools.some(({ name }) => name === lookup.name),
        );
      case "job":
        return this.#findJob(lookup);
      case "metric server":
        return this.#findMetricServer(lookup);
    }
  }

  async #findGuest({ node, vmid, type }: Extract<Lookup, { vmid: number }>): Promise<Found> {
    const reading = await this.#read("/cluster/resources", Guests, { type: "vm" });
    if (reading.kind === "refused") return unread(reading);
    const guest = reading.value.find((candidate) => candidate.vmid === vmid);
    if (guest === undefined) return absent;
    if (guest.node === node && guest.type === type) return there;
    const other = guest.type === "lxc" ? "container" : "machine";
    return {
      kind: "obstacle",
      text: `VMID ${vmid} is the ${other} ${guest.name ?? ""} on ${guest.node}.`.replace("  ", " "),
      remedy:
        guest.type === type
          ? `Write node: ${guest.node} in the inventory, or migrate the guest to ${node}.`
          : "Give the guest of the inventory another vmid, or describe it as what it is.",
    };
  }

  async #findRules(lookup: Extract<Lookup, { kind: "rules" }>): Promise<Found> {
    const { node, type, vmid } = lookup;
    const guest = await this.#findGuest(lookup);
    if (guest.kind !== "there") return guest.kind === "unread" ? guest : absent;
    return whether(
      await this.#read(`/nodes/${node}/${type}/${vmid}/firewall/rules`, Rules),
      ({ length }) => length > 0,
    );
  }

  async #findVolume({ node, storage, volumeId, content, bytes }: Extract<Lookup, { kind: "volume" }>): Promise<Found> {
    const path = `/nodes/${node}/storage/${storage}/content`;
    const reading = await this.#read(path, Volumes, { content });
    if (reading.kind === "refused") return isMissingStorage(reading, storage) ? absent : unread(reading);
    const volume = reading.value.find(({ volid }) => volid === volumeId);
    if (volume === undefined) return absent;
    if (bytes === undefined || volume.size === bytes) return there;
    const size = volume.size === undefined ? "an unknown size" : `${volume.size} bytes`;
    return { kind: "overwritten", text: `It has ${size}, and ${bytes} are to be in it.` };
  }

  async #findStorage({ id, type }: Extract<Lookup, { kind: "storage" }>): Promise<Found> {
    const reading = await this.#read("/storage", StorageConfigs);
    if (reading.kind === "refused") return unread(reading);
    const config = reading.value.find(({ storage }) => storage === id);
    if (config === undefined) return absent;
    if (config.type === type) return there;
    return {
      kind: "obstacle",
      text: `It is of the type ${config.type}, not ${type}.`,
      remedy: `Correct storage.${id} in config/homelab/storage.yaml.`,
    };
  }

  async #findBridge({ node, name }: Extract<Lookup, { kind: "bridge" }>): Promise<Found> {
    const reading = await this.#read(`/nodes/${node}/network/${name}`, Interface);
    if (reading.kind === "refused")
      return reading.message.includes("interface does not exist") ? absent : unread(reading);
    if (reading.value.type === "bridge") return there;
    return {
      kind: "obstacle",
      text: `It is no Linux bridge, but of the type ${reading.value.type}.`,
      remedy: `Name another bridge in nodes.${node}.bridges in config/homelab/nodes.yaml.`,
    };
  }

  async #findJob({ id, node, storage, schedule }: Extract<Lookup, { kind: "job" }>): Promise<Found> {
    const reading = await this.#read("/cluster/backup", Jobs);
    if (reading.kind === "refused") return unread(reading);
    if (reading.value.some((job) => job.id === id)) return there;
    const twin = reading.value.find(
      (job) => job.schedule === schedule && job.storage === storage && (job.node ?? node) === node,
    );
    if (twin === undefined) return absent;
    return {
      kind: "obstacle",
      text: `Is not there; there is one like it under another ID: ${twin.id}.`,
      remedy:
        `A job cannot change its ID, and with both each guest is backed up twice. Once up has created ${id}, delete the other; ` +
        `the backups that it made stay:\n  pvesh delete /cluster/backup/${twin.id}`,
    };
  }

  async #findMetricServer({ id, type }: Extract<Lookup, { kind: "metric server" }>): Promise<Found> {
    const reading = await this.#read("/cluster/metrics/server", MetricServers);
    if (reading.kind === "refused") return unread(reading);
    const server = reading.value.find((candidate) => candidate.id === id);
    if (server === undefined) return absent;
    if (server.type === type) return there;
    return {
      kind: "obstacle",
      text: `It is of the type ${server.type}, not ${type}.`,
      remedy: `Delete it, so that up makes the one of the inventory:\n  pvesh delete /cluster/metrics/server/${id}`,
    };
  }

  #read<T>(path: string, schema: z.ZodType<T>, parameters: Readonly<Record<string, string>> = {}): Promise<Reading<T>> {
    const key = JSON.stringify([path, parameters]);
    const reading = this.#readings.get(key) ?? this.#api.read(path, schema, { parameters });
    this.#readings.set(key, reading);
    return reading as Promise<Reading<T>>;
  }
}

function whether<T>(reading: Reading<T>, isThere: (value: T) => boolean): Found {
  if (reading.kind === "refused") return unread(reading);
  return isThere(reading.value) ? there : absent;
}

function unread({ message }: { readonly message: string }): Found {
  return { kind: "unread", text: `Proxmox VE does not tell: ${message}.` };
}

function isMissingStorage({ message }: { readonly message: string }, storage: string): boolean {
  return [`storage '${storage}' does not exist`, `storage '${storage}' is not available on node`].some((text) =>
    message.includes(text),
  );
}
