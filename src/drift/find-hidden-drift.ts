import { z } from "zod";
import type { Deployment } from "../adopt/engine-files.ts";
import { adoptableKinds } from "../adopt/kinds.ts";
import type { Inputs } from "../adopt/lookup.ts";
import { typeOf } from "../adopt/sort-resources.ts";
import type { ReadApi, Reading } from "../proxmox/read-api.ts";
import { compareValues, type ValueChange } from "./compare-values.ts";
import { uncheckedBy, type Drift } from "./drift.ts";
import { describeChange, type ResourceLook } from "./find-resource-drift.ts";

type Resource = Deployment["deployment"]["resources"][number];
type Api = Pick<ReadApi, "read">;

const Job = z.object({ exclude: z.string().default("") });
const Volumes = z.array(z.object({ volid: z.string(), size: z.coerce.number() }));
const Config = z.record(z.string(), z.union([z.string(), z.number()]).transform(String));

/**
 * Looks by itself at what the provider does not read back: whom a backup job leaves out, how long a snippet is, and the
 * drives and addresses of machines. It adds that to what was found of the resources.
 */
export async function addHiddenDrift(
  looks: readonly ResourceLook[],
  { deployment }: Deployment,
  api: Api,
): Promise<ResourceLook[]> {
  const resources = new Map(deployment.resources.map((resource) => [resource.urn, resource]));
  return Promise.all(
    looks.map(async (look) => {
      const resource = resources.get(look.urn);
      const finder = resource === undefined ? undefined : finders[typeOf(look.urn)];
      // Of a machine that has migrated, the node that is known of tells nothing.
      const isThere =
        look.unchecked === undefined &&
        look.drifts.every(({ kind, what }) => kind !== "missing" && !what.endsWith(": nodeName"));
      if (resource === undefined || finder === undefined || !isThere) return look;
      const found = await finder(resource, api);
      if (found.kind === "refused") return { ...look, unchecked: uncheckedBy(found) };
      const hidden = found.value.map((change): Drift => describeChange(resource, change));
      return { ...look, drifts: [...look.drifts, ...hidden] };
    }),
  );
}

const finders: Readonly<Record<string, (resource: Resource, api: Api) => Promise<Reading<ValueChange[]>>>> = {
  "proxmoxve:backup/job:Job": async ({ inputs }, api) =>
    whatDiffers(await api.read(`/cluster/backup/${String(inputs["resourceId"])}`, Job), ({ exclude }) => {
      const is = exclude.split(",").filter((vmid) => vmid !== "");
      return compareValues("excludes", sorted(inputs["excludes"] ?? []), sorted(is));
    }),
  "proxmoxve:index/fileLegacy:FileLegacy": async ({ urn, inputs }, api) => {
    const lookup = adoptableKinds[typeOf(urn)]?.lookup(inputs);
    if (lookup?.kind !== "volume") return { kind: "read", value: [] };
    const { node, storage, content, volumeId, bytes } = lookup;
    const path = `/nodes/${node}/storage/${storage}/content`;
    return whatDiffers(await api.read(path, Volumes, { parameters: { content } }), (volumes) => {
      const size = volumes.find(({ volid }) => volid === volumeId)?.size;
      return size === bytes ? [] : [{ path: "sourceRaw.data", was: bytesOf(bytes), is: bytesOf(size) }];
    });
  },
  "proxmoxve:index/vmLegacy:VmLegacy": async ({ inputs, outputs }, api) => {
    const path = `/nodes/${String(inputs["nodeName"])}/qemu/${String(inputs["vmId"])}/config`;
    const reading = await api.read(path, Config);
    return whatDiffers(reading, (config) => [...drivesOf(inputs, outputs, config), ...addressesOf(outputs, config)]);
  },
};

/** Drives where the program has put none, and the one of the firmware where it is gone. */
function drivesOf(inputs: Inputs, outputs: Inputs, config: z.infer<typeof Config>): ValueChange[] {
  const disks = (inputs["disks"] ?? []) as readonly { readonly interface?: string }[];
  const known = [...disks, outputs["cdrom"], outputs["initialization"]].map(
    (drive) => (drive as { readonly interface?: string } | null | undefined)?.interface,
  );
  const others = Object.keys(config).filter((key) => /^(?:ide|sata|scsi|virtio)\d+$/.test(key) && !known.includes(key));
  const firmware = inputs["efiDisk"];
  return [
    ...others.sort().map((slot) => ({ path: slot, was: null, is: config[slot] })),
    ...(firmware === undefined || config["efidisk0"] !== undefined ? [] : compareValues("efiDisk", firmware, null)),
  ];
}

/** Proxmox VE has chosen them, and the provider takes whatever it reads for what it has chosen. */
function addressesOf({ networkDevices }: Inputs, config: z.infer<typeof Config>): ValueChange[] {
  const devices = (networkDevices ?? []) as readonly { readonly macAddress?: string }[];
  return devices.flatMap(({ macAddress }, index) => {
    const is = /(?:^|,)\w+=((?:[0-9a-f]{2}:){5}[0-9a-f]{2})/i.exec(config[`net${index}`] ?? "")?.[1];
    if (macAddress === undefined || is === undefined) return [];
    return compareValues(`networkDevices[${index}].macAddress`, macAddress.toUpperCase(), is.toUpperCase());
  });
}

function whatDiffers<T>(reading: Reading<T>, find: (value: T) => ValueChange[]): Reading<ValueChange[]> {
  return reading.kind === "refused" ? reading : { kind: "read", value: find(reading.value) };
}

function sorted(list: unknown): string[] {
  return (list as readonly unknown[]).map(String).sort();
}

function bytesOf(size: number | undefined): string | null {
  return size === undefined ? null : `${size} bytes`;
}
