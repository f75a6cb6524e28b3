import { z } from "zod";

/** What the stack's state says that it has made already: no obstacle, but the work of an earlier run. */
export interface Managed {
  readonly vmids: ReadonlySet<number>;
  /** By storage ID. */
  readonly storages: ReadonlySet<string>;
  /** `pve-01/fast` */
  readonly pools: ReadonlySet<string>;
  /** `pve-01/vmbr1` */
  readonly bridges: ReadonlySet<string>;
}

const Deployment = z.object({
  deployment: z.object({
    resources: z
      .array(z.object({ type: z.string(), inputs: z.record(z.string(), z.unknown()).default({}) }))
      .default([]),
  }),
});

/** Reads what `pulumi stack export` prints. */
export function readManaged(exported: unknown): Managed {
  const { resources } = Deployment.parse(exported).deployment;
  const inputsOf = (type: RegExp) =>
    resources.filter((resource) => type.test(resource.type)).map(({ inputs }) => inputs);
  return {
    vmids: new Set(inputsOf(/^proxmoxve:index\/(?:containerLegacy|vmLegacy):/).map(({ vmId }) => Number(vmId))),
    storages: new Set(inputsOf(/^proxmoxve:storage\//).map(({ resourceId }) => String(resourceId))),
    pools: new Set(inputsOf(/^proxmoxve:node\/disk\/zfs:/).map(onNode)),
    bridges: new Set(inputsOf(/^proxmoxve:network\/linux\/bridge:/).map(onNode)),
  };
}

function onNode({ nodeName, name }: Readonly<Record<string, unknown>>): string {
  return `${String(nodeName)}/${String(name)}`;
}
