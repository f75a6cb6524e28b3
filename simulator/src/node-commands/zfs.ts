import { listDatasets, poolOf, poolStatus, propertyOf } from "../node/zfs.ts";
import type { Vdev } from "../node/zfs-vdevs.ts";
import { reportOn } from "../node/zpool-report.ts";
import { PlainError, type Call } from "../shell/machine.ts";
import { readOptions, type ReadOptions } from "../shell/options.ts";
import type { ZfsPool } from "../state/node.ts";
import type { CommandTree, Site } from "./command-tree.ts";
import { printRows, printBytes } from "./zfs-output.ts";

/** `zpool` */
export const zpoolCommands: CommandTree = {
  get: (call, site) => {
    const { given, operands } = readOptions(call.args, "Hpo:");
    const [wanted = "", ...names] = operands;
    const rows = poolsOf(site, names).flatMap((pool) => {
      const values = poolValues(site, pool, given.has("p"));
      const properties = wanted === "all" ? Object.keys(values) : wanted.split(",");
      return properties.map((property) => {
        const local = pool.properties[property] !== undefined;
        return { NAME: pool.name, PROPERTY: property, VALUE: valueOf(values, property), SOURCE: local ? "local" : "-" };
      });
    });
    return show(call, given, rows, "name,property,value,source");
  },
  list: (call, site) => {
    const { given, operands } = readOptions(call.args, "Hpo:");
    const columns = given.get("o") ?? "name,size,alloc,free,ckpoint,expandsz,frag,cap,dedup,health,altroot";
    const rows = poolsOf(site, operands).map((pool) => upperCase(poolValues(site, pool, given.has("p"))));
    return show(call, new Map([...given, ["o", columns]]), rows, columns);
  },
  scrub: ({ args }, site) => {
    const names = args.filter((arg) => !arg.startsWith("-"));
    if (names.length === 0) throw new PlainError("missing pool name argument", 2);
    site.world.transaction(() => {
      for (const pool of poolsOf(site, names)) {
        const end = site.world.clock.now().toUTCString().replace(/ GMT$/, "");
        pool.scan = `scrub repaired 0B in 00:00:01 with 0 errors on ${end}`;
      }
    });
    return 0;
  },
  set: ({ args }, site) => {
    const [assignment = "", name = ""] = args;
    const [property = "", value = ""] = assignment.split("=");
    if (property === "") throw new PlainError("missing property=value argument", 2);
    site.world.transaction(() => {
      for (const pool of poolsOf(site, [name])) pool.properties[property] = value;
    });
    return 0;
  },
  status: (call, site) => {
    const { given, operands } = readOptions(call.args, "xPvL");
    const pools = poolsOf(site, operands);
    const reports = pools.map((pool) => [pool, reportOn(site.world.node(site.node), pool)] as const);
    const told = given.has("x") ? reports.filter(([, { state }]) => state !== "ONLINE") : reports;
    if (told.length === 0) call.out(given.has("x") ? "all pools are healthy\n" : "no pools available\n");
    call.out(told.map(([pool, report]) => printReport(pool, report)).join("\n"));
    return 0;
  },
};

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
    return show(call, given, rows, "name,property,value,source");
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
    return show(call, given, rows, columns);
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

function poolsOf({ world, node }: Site, names: readonly string[]): ZfsPool[] {
  const { zpools } = world.node(node);
  if (names.length === 0) return Object.values(zpools).sort((a, b) => (a.name < b.name ? -1 : 1));
  return names.map((name) => {
    const pool = Object.hasOwn(zpools, name) ? zpools[name] : undefined;
    if (pool === undefined) throw new PlainError(`cannot open '${name}': no such pool`);
    return pool;
  });
}

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

function poolValues({ world, node }: Site, pool: ZfsPool, exact: boolean): Record<string, string> {
  const status = poolStatus(world.state, node, pool.name);
  if (status === undefined) throw new PlainError(`cannot open '${pool.name}': no such pool`);
  const { size, allocated, free, fragmentation, health } = status;
  const bytes = (value: number) => (exact ? String(value) : printBytes(value));
  const share = String(size === 0 ? 0 : Math.trunc((allocated / size) * 100));
  const common = { name: pool.name, size: bytes(size), free: bytes(free), health, altroot: "-", guid: pool.guid };
  const frag = `${fragmentation}${exact ? "" : "%"}`;
  const cap = `${share}${exact ? "" : "%"}`;
  const dedup = exact ? "1.00" : "1.00x";
  const short = { alloc: bytes(allocated), frag, cap, dedup, ckpoint: "-", expandsz: "-" };
  const long = {
    allocated: bytes(allocated),
    fragmentation: frag,
    capacity: cap,
    dedupratio: dedup,
    readonly: "off",
    autoexpand: "off",
    autoreplace: "off",
  };
  return { ...common, ...short, ...long, ...pool.properties };
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

function valueOf(values: Readonly<Record<string, string>>, property: string): string {
  const value = values[property];
  if (value === undefined) throw new PlainError(`the simulator does not know the property '${property}'`);
  return value;
}

function show(
  call: Call,
  given: ReadOptions["given"],
  rows: readonly Readonly<Record<string, string>>[],
  columns: string,
): number {
  const names = (given.get("o") ?? columns).split(",").map((name) => name.toUpperCase());
  call.out(printRows(rows, names, given.has("H")));
  return 0;
}

function upperCase(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toUpperCase(), value]));
}

function printReport(
  { name }: ZfsPool,
  { state, status, action, see, scan, config, errors }: ReturnType<typeof reportOn>,
): string {
  const facts = Object.entries({ pool: name, state, status, action, see, scan }).filter(
    ([, text]) => text !== undefined,
  );
  const lines = facts.map(([label, text]) => `${label.padStart(6)}: ${text ?? ""}\n`);
  const parts = config.flatMap((vdev) => flatten(vdev, 0));
  const width = Math.max(4, ...parts.map(({ title }) => title.length));
  const row = (title: string, rest: readonly string[]) =>
    `\t${title.padEnd(width)}  ${rest.join(" ")}`.trimEnd() + "\n";
  const heading = row("NAME", ["STATE   ", " READ", "WRITE", "CKSUM"]);
  const body = parts.map(({ title, vdev }) =>
    vdev.name === "spares"
      ? `\t${title}\n`
      : row(title, [
          vdev.state.padEnd(8),
          ...[vdev.read, vdev.write, 0].map((count) => String(count).padStart(5)),
          vdev.message,
        ]),
  );
  return `${lines.join("")}config:\n\n${heading}${body.join("")}\nerrors: ${errors}\n`;
}

function flatten(vdev: Vdev, depth: number): { readonly title: string; readonly vdev: Vdev }[] {
  return [
    { title: " ".repeat(depth * 2) + vdev.name, vdev },
    ...vdev.children.flatMap((child) => flatten(child, depth + 1)),
  ];
}
