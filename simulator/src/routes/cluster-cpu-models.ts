import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { cpuFlags } from "../qemu/cpu-models.ts";
import {
  addSection,
  fileDigest,
  findSection,
  sectionsOf,
  showSection,
  updateSection,
  type SectionFormat,
} from "../section-file.ts";
import type { World } from "../world.ts";
import { nodesWith } from "./node-hardware.ts";

/** /etc/pve/virtual-guest/cpu-models.conf */
const format: SectionFormat = {
  file: "cpuModels",
  endpoint: "POST /cluster/qemu/custom-cpu-models",
  types: {
    "cpu-model": {
      cputype: "optional",
      "reported-model": "optional",
      hidden: "optional",
      flags: "optional",
      "hv-vendor-id": "optional",
      "phys-bits": "optional",
      "guest-phys-bits": "optional",
      level: "optional",
    },
  },
};

/** CPU models that someone made for the cluster's virtual machines; their names go with `custom-` and without. */
export const clusterCpuModelHandlers: Handlers = {
  "GET /cluster/qemu/cpu-flags": ({ arch = "x86_64" }, { world }) =>
    arch === "x86_64" ? cpuFlags.map((name) => ({ name, "supported-on": nodesWith(world, name) })) : [],
  "GET /cluster/qemu/custom-cpu-models": (_parameters, { world, session }) =>
    Object.keys(sectionsOf(world, format))
      .sort()
      .filter((name) => world.may(session, `/mapping/cpu/${name}`, "Mapping.Modify", "Mapping.Use", "Mapping.Audit"))
      .map((name) => describeModel(world, name)),
  "GET /cluster/qemu/custom-cpu-models/{cputype}": ({ cputype }, { world }) => describeModel(world, plain(cputype)),
  "POST /cluster/qemu/custom-cpu-models": ({ cputype, ...values }, { world }) => {
    const name = plain(cputype);
    if (sectionsOf(world, format)[name] !== undefined) {
      throw new ApiError(500, `custom CPU model '${name}' already exists`);
    }
    addSection(world, format, name, "cpu-model", { ...values, cputype: `custom-${name}` });
    return null;
  },
  "PUT /cluster/qemu/custom-cpu-models/{cputype}": ({ cputype, delete: remove, digest, ...values }, { world }) => {
    if (splitList(remove).includes("cputype")) throw new ApiError(500, "cannot delete 'cputype'");
    const name = plain(cputype);
    updateSection(world, format, name, { delete: remove, digest, values }, `custom CPU model '${name}' does not exist`);
    return null;
  },
  "DELETE /cluster/qemu/custom-cpu-models/{cputype}": ({ cputype }, { world }) => {
    const name = plain(cputype);
    findSection(world, format, name, `custom CPU model '${name}' does not exist`);
    Reflect.deleteProperty(sectionsOf(world, format), name);
    return null;
  },
};

function plain(cputype: string): string {
  return cputype.replace(/^custom-/, "");
}

function describeModel(world: World, name: string): Record<string, string | number | string[]> {
  const section = findSection(world, format, name, `Custom cputype '${name}' not found`);
  const { type: _type, ...settings } = showSection(format, section);
  return { ...settings, digest: fileDigest(world, format) };
}
