import { ApiError, explainFailure } from "../api-error.ts";
import { facts } from "../api/facts.ts";
import type { Context, Handlers, Returns } from "../handlers.ts";
import { entryProblem, type MappingEntry, type MappingKind as Kind } from "../mapping/checks.ts";
import { parsePropertyString } from "../property-string.ts";
import {
  addSection,
  fileDigest,
  findSection,
  sectionsOf,
  showSection,
  updateSection,
  type SectionChange,
  type SectionFormat,
  type SettingRule,
} from "../section-file.ts";
import type { World } from "../world.ts";
import { localNode } from "./cluster.ts";

const formats: Readonly<Record<Kind, SectionFormat>> = {
  dir: mappingFormat("dir", "dirMappings"),
  pci: mappingFormat("pci", "pciMappings", { mdev: "optional", "live-migration-capable": "optional" }),
  usb: mappingFormat("usb", "usbMappings"),
};

/** Names for what each node has under another path: https://pve.proxmox.com/wiki/QEMU/KVM_Virtual_Machines#resource_mapping */
export const mappingHandlers: Handlers = {
  "GET /cluster/mapping/dir": ({ "check-node": node }, context) =>
    listMappings(context, "dir", node) as Returns<"GET /cluster/mapping/dir">,
  "GET /cluster/mapping/pci": ({ "check-node": node }, context) =>
    listMappings(context, "pci", node) as Returns<"GET /cluster/mapping/pci">,
  "GET /cluster/mapping/usb": ({ "check-node": node }, context) =>
    listMappings(context, "usb", node) as Returns<"GET /cluster/mapping/usb">,
  "GET /cluster/mapping/dir/{id}": ({ id }, { world }) => describeMapping(world, "dir", id),
  "GET /cluster/mapping/pci/{id}": ({ id }, { world }) => describeMapping(world, "pci", id),
  "GET /cluster/mapping/usb/{id}": ({ id }, { world }) => describeMapping(world, "usb", id),
  "POST /cluster/mapping/dir": ({ id, ...values }, { world }) => createMapping(world, "dir", id, values),
  "POST /cluster/mapping/pci": ({ id, ...values }, { world }) => createMapping(world, "pci", id, values),
  "POST /cluster/mapping/usb": ({ id, ...values }, { world }) => createMapping(world, "usb", id, values),
  "PUT /cluster/mapping/dir/{id}": ({ id, delete: remove, digest, ...values }, { world }) =>
    updateMapping(world, "dir", id, { delete: remove, digest, values }),
  "PUT /cluster/mapping/pci/{id}": ({ id, delete: remove, digest, ...values }, { world }) =>
    updateMapping(world, "pci", id, { delete: remove, digest, values }),
  "PUT /cluster/mapping/usb/{id}": ({ id, delete: remove, digest, ...values }, { world }) =>
    updateMapping(world, "usb", id, { delete: remove, digest, values }),
  "DELETE /cluster/mapping/dir/{id}": ({ id }, { world }) => deleteMapping(world, "dir", id),
  "DELETE /cluster/mapping/pci/{id}": ({ id }, { world }) => deleteMapping(world, "pci", id),
  "DELETE /cluster/mapping/usb/{id}": ({ id }, { world }) => deleteMapping(world, "usb", id),
};

function mappingFormat(
  kind: Kind,
  file: SectionFormat["file"],
  more: Readonly<Record<string, SettingRule>> = {},
): SectionFormat {
  const types = { [kind]: { description: "optional", map: "required", ...more } } as const;
  return { file, types, endpoint: `POST /cluster/mapping/${kind}` };
}

function listMappings({ world, session }: Context, kind: Kind, node: string | undefined): unknown[] {
  return Object.keys(sectionsOf(world, formats[kind]))
    .filter((id) => world.may(session, `/mapping/${kind}/${id}`, "Mapping.Modify", "Mapping.Use", "Mapping.Audit"))
    .map((id) => {
      const checks =
        node === undefined ? {} : { [kind === "usb" ? "errors" : "checks"]: checkOn(world, kind, id, node) };
      return { ...describeMapping(world, kind, id), id, ...checks };
    });
}

/** What is wrong with a mapping on a node. */
function checkOn(world: World, kind: Kind, id: string, name: string) {
  const node = world.node(name);
  const entries = entriesOf(world, kind, id).filter((entry) => entry["node"] === name);
  if (entries.length === 0) return [{ severity: "warning", message: `No mapping for node ${name}.` }];
  return entries
    .map((entry) => entryProblem(world, kind, id, node, entry))
    .filter((problem) => problem !== undefined)
    .map((problem) => ({ severity: "error", message: `Invalid configuration: ${problem}\n` }));
}

function entriesOf(world: World, kind: Kind, id: string): MappingEntry[] {
  const format = facts[formats[kind].endpoint].parameters["map"]?.items?.format;
  const { map = "" } = sectionsOf(world, formats[kind])[id] ?? {};
  return map.split("\n").flatMap((text) => {
    const parsed = parsePropertyString(typeof format === "object" ? format : {}, text);
    return typeof parsed === "string" ? [] : [parsed];
  });
}

function describeMapping(world: World, kind: Kind, id: string): Record<string, unknown> {
  const section = findSection(world, formats[kind], id, `mapping '${id}' not found`);
  return { ...showSection(formats[kind], section), digest: fileDigest(world, formats[kind]) };
}

function createMapping(world: World, kind: Kind, id: string, values: Readonly<Record<string, unknown>>): null {
  explainFailure(`create ${titleOf(kind)} mapping failed`, () => {
    if (sectionsOf(world, formats[kind])[id] !== undefined) {
      throw new ApiError(500, `${kind} ID '${id}' already defined`);
    }
    addSection(world, formats[kind], id, kind, values);
  });
  if (kind === "dir") requireFolders(world, id);
  return null;
}

function updateMapping(world: World, kind: Kind, id: string, change: SectionChange): null {
  explainFailure(`update ${titleOf(kind)} mapping failed`, () => {
    updateSection(world, formats[kind], id, change, `${kind} ID '${id}' does not exist`);
    // Checked as if the mapping were new.
    if (change.values["map"] === undefined) throw new ApiError(500, "missing value for required option 'map'");
    if (kind === "dir") requireFolders(world, id);
  });
  return null;
}

function deleteMapping(world: World, kind: Kind, id: string): null {
  Reflect.deleteProperty(sectionsOf(world, formats[kind]), id);
  return null;
}

/** A node may have several devices for a name, but one folder; the node that answers looks for its own. */
function requireFolders(world: World, id: string): void {
  const entries = entriesOf(world, "dir", id);
  const local = world.node(localNode(world));
  for (const entry of entries.filter(({ node }) => node === local.name)) {
    const problem = entryProblem(world, "dir", id, local, entry);
    if (problem !== undefined) throw new ApiError(500, problem);
  }
  for (const node of new Set(entries.map((entry) => entry["node"] ?? ""))) {
    const count = entries.filter((entry) => entry["node"] === node).length;
    if (count > 1) throw new ApiError(500, `Node '${node}' is specified ${count} times.`);
  }
}

function titleOf(kind: Kind): string {
  return kind === "dir" ? "directory" : "hardware";
}
