import { z } from "zod";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";
import { readBuiltPools, type BuiltPool } from "./built-pools.ts";
import { readPlaces, type BuiltPlaces } from "./built-places.ts";
import { readSettings, type BuiltSettings } from "./built-settings.ts";
import type { StateResource } from "./state-resource.ts";

/** A volume of a guest as the state has it. */
export interface BuiltVolume {
  readonly storage: string;
  readonly sizeGib: number;
}

/** A further volume of a container: the state knows it by its path only. */
export interface BuiltMountPoint extends BuiltVolume {
  readonly path: string;
  readonly backup: boolean;
}

/** A data disk of a machine, by its slot. */
export interface BuiltDisk extends BuiltVolume {
  readonly slot: string;
}

interface BuiltGuestFacts {
  readonly urn: string;
  /** Its key in the inventory: the one that it had in the last run, or its new one if this run renames it. */
  readonly name: string;
  readonly vmid: number;
  readonly node: string;
  readonly hostname: string;
  /** Volume ID of the template or image that it was made from; undefined if it was imported. */
  readonly madeFrom: string | undefined;
  /** Whether the inventory of the last run let it be deleted unasked. */
  readonly disposable: boolean;
  readonly settings: BuiltSettings;
}

/** A container that the stack has created; what the state of a run that was cut off does not know yet is undefined. */
export interface BuiltContainer extends BuiltGuestFacts {
  readonly kind: "container";
  readonly unprivileged: boolean | undefined;
  readonly rootDisk: BuiltVolume | undefined;
  readonly mountPoints: readonly BuiltMountPoint[] | undefined;
}

/** A machine that the stack has created. */
export interface BuiltMachine extends BuiltGuestFacts {
  readonly kind: "machine";
  /** With the system's disk. */
  readonly disks: readonly BuiltDisk[];
}

/** A guest that the stack has created. */
export type BuiltGuest = BuiltContainer | BuiltMachine;

/** What a stack has created, as far as an edit of the inventory can lose it. */
export interface Built extends BuiltPlaces {
  readonly guests: readonly BuiltGuest[];
  readonly pools: readonly BuiltPool[];
}

const text = z.string().nullish();
const Container = z.object({
  vmId: z.coerce.number(),
  nodeName: z.string(),
  unprivileged: z.boolean().nullish(),
  initialization: z.object({ hostname: text }).nullish(),
  operatingSystem: z.object({ templateFileId: text }).nullish(),
  disk: z.object({ datastoreId: text, size: z.number().nullish() }).nullish(),
  mountPoints: z
    .array(z.object({ path: z.string(), volume: z.string(), size: text, backup: z.boolean().nullish() }))
    .nullish(),
});
const Machine = z.object({
  vmId: z.coerce.number(),
  nodeName: z.string(),
  name: text,
  disks: z
    .array(z.object({ interface: text, datastoreId: text, importFrom: text, size: z.number().nullish() }))
    .nullish(),
});

/** Reads what a state says of what the stack has created. */
export function readBuilt(resources: readonly StateResource[]): Built {
  const disposable = new Set(
    resources
      .filter(({ urn, outputs }) => typeOf(urn).startsWith("homelab:guest:") && outputs["disposable"] === true)
      .map(({ urn }) => nameOf(urn)),
  );
  return {
    ...readPlaces(resources),
    guests: resources.flatMap(({ urn, outputs }): BuiltGuest[] => {
      const [type, name] = [typeOf(urn), nameOf(urn)];
      // Without a VMID nothing has been created.
      if (!/:(?:ContainerLegacy|VmLegacy)$/.test(type) || !Number.isInteger(Number(outputs["vmId"] ?? NaN))) return [];
      const facts = { urn, name, disposable: disposable.has(name), settings: readSettings(outputs) };
      if (type === "proxmoxve:index/containerLegacy:ContainerLegacy")
        return [{ ...readContainer(outputs, name), ...facts }];
      if (type === "proxmoxve:index/vmLegacy:VmLegacy") return [{ ...readMachine(outputs, name), ...facts }];
      return [];
    }),
    pools: readBuiltPools(resources),
  };
}

function readContainer(
  outputs: unknown,
  name: string,
): Omit<BuiltContainer, "disposable" | "name" | "settings" | "urn"> {
  const { vmId, nodeName, unprivileged, initialization, operatingSystem, disk, mountPoints } = Container.parse(outputs);
  return {
    kind: "container",
    vmid: vmId,
    node: nodeName,
    hostname: initialization?.hostname ?? name,
    madeFrom: known(operatingSystem?.templateFileId),
    unprivileged: unprivileged ?? undefined,
    rootDisk:
      disk?.datastoreId === undefined || disk.datastoreId === null || disk.datastoreId === ""
        ? undefined
        : { storage: disk.datastoreId, sizeGib: disk.size ?? 0 },
    mountPoints: mountPoints?.map(({ path, volume, size, backup }) => ({
      path,
      storage: volume.split(":")[0] ?? "",
      sizeGib: parseGib(size ?? ""),
      backup: backup ?? false,
    })),
  };
}

function readMachine(outputs: unknown, name: string): Omit<BuiltMachine, "disposable" | "name" | "settings" | "urn"> {
  const { vmId, nodeName, name: hostname, disks } = Machine.parse(outputs);
  return {
    kind: "machine",
    vmid: vmId,
    node: nodeName,
    hostname: hostname ?? name,
    madeFrom: known(disks?.[0]?.importFrom),
    // A refresh leaves an empty entry for a disk that was detached.
    disks: (disks ?? []).flatMap(({ interface: slot, datastoreId, size }) =>
      known(slot) === undefined ? [] : [{ slot: slot ?? "", storage: datastoreId ?? "", sizeGib: size ?? 0 }],
    ),
  };
}

/** The provider writes an empty text for what it does not know. */
function known(value: string | null | undefined): string | undefined {
  return value === null || value === "" ? undefined : value;
}

const unitsInGib: Readonly<Record<string, number>> = { K: 2 ** -20, M: 2 ** -10, G: 1, T: 2 ** 10 };

/** `64G`, as Proxmox VE writes sizes. */
function parseGib(size: string): number {
  const [, number = "0", unit = "G"] = /^(\d+(?:\.\d+)?)([KMGT])?$/.exec(size) ?? [];
  return Number(number) * (unitsInGib[unit] ?? 1);
}
