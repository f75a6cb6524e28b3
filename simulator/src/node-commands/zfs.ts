import { listDatasets, poolOf, propertyOf } from "../node/zfs.ts";
import { PlainError } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import type { CommandTree, Site } from "./command-tree.ts";
import { printBytes, showRows } from "./zfs-output.ts";
import { poolsOf } from "./zpool.ts";

/** `zfs` */
export const zfsCommands: CommandTree = {
  create: (call, site) => {
    const assignments = call.args.flatMap((arg, index) => (call.args[index - 1] === "-o" ? [arg] : []));
    const { given, operands } = readOptions(call.args, "po:uV:s");
    if (given.has("V")) throw new PlainError("the simulator does not make volumes with zfs", 1);
    const [name = ""] = operands;
    site.world.transaction(() => {
      const [pool] = poolsOf(site, [poolOf(name)]);
      const parent = name.slice(0, name.lastIndexOf("/"));
      if (pool === undefined) return;
      if (pool.datasets[name] !== undefined) {
        if (given.has("p")) return;
        throw new PlainError(`cannot create '${name}': dataset already exists`);
      }
      if (pool.datasets[parent] === undefined && !given.has("p"))
        throw new PlainError(`cannot create '${name}': parent does not exist`);
      pool.datasets[name] = {
        mountpoint: `${propertyOf(pool, parent, "mountpoint")?.value ?? `/${parent}`}/${name.slice(parent.length + 1)}`,
        ...Object.fromEntries(assignments.map((text) => text.split("=", 2) as [string, string])),
      };
    });
    return 0;
  },
  get: (call, site) => {
    const { given, operands } = readOptions(call.args, "Hpo:rt:d:s:");
    const [wanted = "", ...names] = operands;
    const datasets = datasetsOf(site, names, given.has("r"));
    const rows = datasets.flatMap((dataset) =>
      wanted.split(",").map((property) => {
        const { value, source } = datasetProperty(site, dataset, property, given.has("p"));
        return { NAME: dataset.name, PROPERTY: property, VALUE: value, SOURCE: source };
      }),
    );
    return showRows(call, given, rows, "name,property,value,source");
  },
  list: (call, site) => {
    const { given, operands } = readOptions(call.args, "Hpo:rt:d:s:");
    const columns = given.get("o") ?? "name,used,avail,refer,mountpoint";
    const type = given.get("t");
    const datasets = datasetsOf(site, operands, operands.length === 0 || given.has("r"));
    const rows = datasets
      .filter((dataset) => type === undefined || type === "all" || type.split(",").includes(dataset.type))
      .map((dataset) => {
        const values = columns.split(",").map((column) => {
          const property = { avail: "available", refer: "referenced" }[column] ?? column;
          return [column.toUpperCase(), datasetProperty(site, dataset, property, given.has("p")).value];
        });
        return Object.fromEntries(values) as Record<string, string>;
      });
    return showRows(call, given, rows, columns);
  },
  set: ({ args }, site) => {
    const name = args.at(-1) ?? "";
    site.world.transaction(() => {
      const [pool] = poolsOf(site, [poolOf(name)]);
      const dataset = pool?.datasets[name];
      if (dataset === undefined) throw new PlainError(`cannot open '${name}': dataset does not exist`);
      for (const assignment of args.slice(0, -1)) {
        const [property = "", value = ""] = assignment.split("=");
        dataset[property] = value;
      }
    });
    return 0;
  },
};

type Dataset = ReturnType<typeof listDatasets>[number];

function datasetsOf(site: Site, names: readonly string[], recursive: boolean): Dataset[] {
  const { world, node } = site;
  if (names.length === 0) return poolsOf(site, []).flatMap(({ name }) => listDatasets(world.state, node, name));
  return names.flatMap((name) => {
    const all = listDatasets(world.state, node, poolOf(name));
    const found = all.filter((dataset) => dataset.name === name || (recursive && dataset.name.startsWith(`${name}/`)));
    if (found.length === 0) throw new PlainError(`cannot open '${name}': dataset does not exist`);
    return found;
  });
}

function datasetProperty(
  site: Site,
  dataset: Dataset,
  property: string,
  exact: boolean,
): { value: string; source: string } {
  const { name, type, used, available, referenced, mountpoint, volume } = dataset;
  const bytes = (value: number) => (exact ? String(value) : printBytes(value));
  const known: Readonly<Record<string, string>> = {
    name,
    type,
    used: bytes(used),
    available: bytes(available),
    referenced: bytes(referenced),
    mountpoint,
    mounted: type === "filesystem" ? "yes" : "-",
    ...(volume === undefined || type !== "volume" ? {} : { volsize: bytes(volume.size) }),
    ...(volume === undefined || type === "volume" ? {} : { refquota: bytes(volume.size) }),
  };
  const [pool] = poolsOf(site, [poolOf(name)]);
  const written = pool === undefined ? undefined : propertyOf(pool, name, property);
  const value = known[property];
  if (value !== undefined) return { value, source: written?.source === "local" ? "local" : "-" };
  if (written !== undefined) return written;
  const usual = defaults[property];
  if (usual === undefined) throw new PlainError(`the simulator does not know the property '${property}'`);
  return { value: usual, source: "default" };
}

const defaults: Readonly<Record<string, string>> = {
  acltype: "off",
  atime: "on",
  canmount: "on",
  compression: "on",
  copies: "1",
  dedup: "off",
  encryption: "off",
  quota: "none",
  readonly: "off",
  recordsize: "128K",
  refquota: "none",
  refreservation: "none",
  relatime: "on",
  reservation: "none",
  sync: "standard",
  volsize: "-",
  xattr: "sa",
};
