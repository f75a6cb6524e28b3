import type { Deployment, Preview, PreviewStep } from "../adopt/engine-files.ts";
import type { ResourceFinder } from "../adopt/find-resource.ts";
import { adoptableKinds } from "../adopt/kinds.ts";
import type { Inputs } from "../adopt/lookup.ts";
import { placeOf } from "../adopt/places.ts";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";
import { wordFor } from "../report/changes.ts";
import { compareValues, type ValueChange } from "./compare-values.ts";
import type { Drift, GuestPlace, Look } from "./drift.ts";

/** What was found of one resource of the state. */
export interface ResourceLook extends Look {
  readonly urn: string;
  /** Present where it is a guest. */
  readonly guest?: GuestPlace;
}

type Resource = Deployment["deployment"]["resources"][number];

/**
 * What nobody sets: guests tell their addresses as they like, such as those of containers that run in them, and the health of
 * a pool is looked at by itself.
 */
const observations: Readonly<Record<string, readonly string[]>> = {
  "proxmoxve:index/containerLegacy:ContainerLegacy": ["ipv4", "ipv6"],
  "proxmoxve:index/vmLegacy:VmLegacy": ["ipv4Addresses", "ipv6Addresses", "networkInterfaceNames"],
  "proxmoxve:node/disk/zfs:Zfs": ["state"],
};

/**
 * Compares what a stack's state says of each resource of Proxmox VE with what a refresh that is only previewed has read.
 * @param finder looks for those that the provider does not find, or cannot read
 */
export async function findResourceDrift(
  { deployment }: Deployment,
  { steps, diagnostics }: Preview,
  finder: Pick<ResourceFinder, "find">,
): Promise<ResourceLook[]> {
  const resources = deployment.resources.filter(({ urn }) => typeOf(urn).startsWith("proxmoxve:"));
  const looks = await Promise.all(
    resources.map(async (resource): Promise<ResourceLook> => {
      const { urn } = resource;
      const about = { area: "resources" as const, urn, subject: subjectOf(urn), ...guestOf(resource) };
      const errors = diagnostics.filter((one) => one.urn === urn && one.severity === "error");
      const step = steps.find((candidate) => candidate.urn === urn);
      if (errors.length === 0 && step?.op !== "delete" && step !== undefined) {
        return { ...about, drifts: changesOf(resource, step) };
      }
      const found = await find(resource, finder);
      const missing: Drift = {
        kind: "missing",
        what: about.subject,
        where: whereOf(resource),
        was: "there",
        is: found.kind === "obstacle" ? found.text : null,
        ...inventoryOf(resource, ""),
      };
      if (step?.op === "delete" || found.kind === "absent" || found.kind === "obstacle") {
        return { ...about, drifts: [missing] };
      }
      const reason = errors[0]?.message?.replace(/^(?:error: |\[ERROR\] )+/, "").trim();
      return {
        ...about,
        drifts: [],
        unchecked: { reason: reason ?? "the engine tells nothing of it", incomplete: true },
      };
    }),
  );
  // The state has them in the order in which they happened to be made.
  return looks.sort((a, b) => (a.subject < b.subject ? -1 : Number(a.subject > b.subject)));
}

/** For some types the provider takes what is not there for an error. */
async function find({ urn, inputs }: Resource, finder: Pick<ResourceFinder, "find">) {
  const kind = Object.hasOwn(adoptableKinds, typeOf(urn)) ? adoptableKinds[typeOf(urn)] : undefined;
  return kind === undefined ? { kind: "unsupported" as const } : finder.find(kind.lookup(inputs));
}

function changesOf(resource: Resource, step: PreviewStep): Drift[] {
  const { urn } = resource;
  if (step.op !== "update") return [];
  const properties = [...Object.keys(step.detailedDiff ?? {}), ...(step.diffReasons ?? [])].map(
    (path) => /^[^.[]+/.exec(path)?.[0] ?? path,
  );
  const told = [...new Set(properties)]
    .filter((property) => !property.startsWith("__") && !(observations[typeOf(urn)] ?? []).includes(property))
    .sort();
  const [was, is] = [step.oldState?.outputs ?? {}, step.newState?.outputs ?? {}];
  const changes = told.flatMap((property) => compareValues(property, was[property], is[property]));
  // What the engine sees and its answer does not show, such as one secret for another.
  const hidden = told.map((property) => ({ path: property, was: was[property] ?? null, is: is[property] ?? null }));
  return (changes.length > 0 ? changes : hidden).map((change) => describeChange(resource, change));
}

/** Tells of one value of a resource that has changed. */
export function describeChange(resource: Resource, { path, was, is }: ValueChange): Drift {
  return {
    kind: "changed",
    what: `${subjectOf(resource.urn)}: ${path}`,
    where: whereOf(resource),
    was,
    is,
    ...inventoryOf(resource, path),
  };
}

function subjectOf(urn: string): string {
  return `${wordFor(typeOf(urn))} ${nameOf(urn)}`;
}

function inventoryOf({ urn, inputs }: Resource, property: string): Pick<Drift, "inventory"> {
  const { file, key } = placeOf({ type: typeOf(urn), name: nameOf(urn), inputs }, property);
  return file === undefined || key === undefined ? {} : { inventory: `${key} in ${file}` };
}

function whereOf({ inputs }: Resource): string {
  const node = inputs["nodeName"] ?? inputs["node"];
  const vmid = vmidOf(inputs);
  return [typeof node === "string" ? node : "the cluster", ...(vmid === undefined ? [] : [`VMID ${vmid}`])].join(", ");
}

function guestOf({ urn, inputs }: Resource): { readonly guest?: GuestPlace } {
  const [node, vmid] = [inputs["nodeName"], vmidOf(inputs)];
  if (!/:(?:ContainerLegacy|VmLegacy)$/.test(typeOf(urn)) || typeof node !== "string" || vmid === undefined) return {};
  return { guest: { node, vmid } };
}

function vmidOf({ vmId, containerId }: Inputs): number | undefined {
  const vmid = vmId ?? containerId;
  return typeof vmid === "number" ? vmid : undefined;
}
