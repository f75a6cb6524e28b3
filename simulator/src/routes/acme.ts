import { directories, findDirectory } from "../acme/directories.ts";
import { ApiError } from "../api-error.ts";
import { facts } from "../api/facts.ts";
import type { Handlers, Returns } from "../handlers.ts";
import { addSection, fileDigest, findSection, sectionsOf, showSection, updateSection } from "../section-file.ts";
import type { SectionFormat } from "../section-file.ts";
import type { Section, Sections } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** /etc/pve/priv/acme/plugins.cfg */
const format: SectionFormat = {
  file: "acmePlugins",
  endpoint: "POST /cluster/acme/plugins",
  types: {
    dns: {
      api: "required",
      data: "optional",
      nodes: "optional",
      disable: "optional",
      "validation-delay": "optional",
    },
    standalone: { nodes: "optional", disable: "optional" },
  },
};

type Plugin = Returns<"GET /cluster/acme/plugins/{id}">;

/** How nodes prove to a certificate authority who they are: https://pve.proxmox.com/wiki/Certificate_Management */
export const acmeHandlers: Handlers = {
  "GET /cluster/acme/directories": () => directories.map(({ name, url }) => ({ name, url })),
  "GET /cluster/acme/tos": ({ directory }) => findDirectory(directory).meta.termsOfService,
  "GET /cluster/acme/meta": ({ directory }) => findDirectory(directory).meta,
  "GET /cluster/acme/challenge-schema": () => [
    ...(facts["POST /cluster/acme/plugins"].parameters["api"]?.enum ?? []).map((id) => ({
      id,
      name: id,
      type: "dns",
      schema: {},
    })),
    { id: "standalone", name: "standalone", type: "standalone", schema: {} },
  ],
  "GET /cluster/acme/plugins": ({ type }, { world }) =>
    Object.entries(allPlugins(world))
      .filter(([, plugin]) => type === undefined || plugin["type"] === type)
      .map(([id, plugin]) => describePlugin(world, id, plugin)),
  "GET /cluster/acme/plugins/{id}": ({ id }, { world }) => {
    const plugin = allPlugins(world)[id];
    if (plugin === undefined) throw new ApiError(500, `ACME plugin '${id}' not defined`);
    return describePlugin(world, id, plugin);
  },
  "POST /cluster/acme/plugins": ({ id, type, ...values }, { world }) => {
    if (allPlugins(world)[id] !== undefined) throw new ApiError(500, `ACME plugin ID '${id}' already exists`);
    addSection(world, format, id, type, decodeData(values));
    return null;
  },
  "PUT /cluster/acme/plugins/{id}": ({ id, delete: remove, digest, ...values }, { world }) => {
    const missing = `ACME plugin ID '${id}' does not exist`;
    if (id in allPlugins(world)) sectionsOf(world, format)[id] ??= { type: "standalone" };
    findSection(world, format, id, missing);
    updateSection(world, format, id, { delete: remove, digest, values: decodeData(values) }, missing);
    return null;
  },
  "DELETE /cluster/acme/plugins/{id}": ({ id }, { world }) => {
    Reflect.deleteProperty(sectionsOf(world, format), id);
    return null;
  },
};

/** The one that needs no settings is there even where the file lacks it. */
function allPlugins(world: World): Sections {
  return { standalone: { type: "standalone" }, ...sectionsOf(world, format) };
}

function describePlugin(world: World, id: string, plugin: Section): Plugin {
  return { ...showSection(format, plugin), plugin: id, digest: fileDigest(world, format) } as unknown as Plugin;
}

/** Credentials come in base64, and are shown as they are. */
function decodeData(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { data, ...others } = values;
  if (typeof data !== "string") return others;
  return { ...others, data: Buffer.from(data, "base64").toString("utf8") };
}
