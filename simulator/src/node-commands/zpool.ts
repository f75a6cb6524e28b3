import { poolStatus } from "../node/zfs.ts";
import type { Vdev } from "../node/zfs-vdevs.ts";
import { reportOn } from "../node/zpool-report.ts";
import { PlainError } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import type { ZfsPool } from "../state/node.ts";
import type { CommandTree, Site } from "./command-tree.ts";
import { printBytes, showRows } from "./zfs-output.ts";
import { zpoolMemberCommands } from "./zpool-members.ts";

/** `zpool` */
export const zpoolCommands: CommandTree = {
  ...zpoolMemberCommands,
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
    return showRows(call, given, rows, "name,property,value,source");
  },
  list: (call, site) => {
    const { given, operands } = readOptions(call.args, "Hpo:");
    const columns = given.get("o") ?? "name,size,alloc,free,ckpoint,expandsz,frag,cap,dedup,health,altroot";
    const rows = poolsOf(site, operands).map((pool) => upperCase(poolValues(site, pool, given.has("p"))));
    return showRows(call, new Map([...given, ["o", columns]]), rows, columns);
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

/** Pools by their names; all where none is named. */
export function poolsOf({ world, node }: Site, names: readonly string[]): ZfsPool[] {
  const { zpools } = world.node(node);
  if (names.length === 0) return Object.values(zpools).sort((a, b) => (a.name < b.name ? -1 : 1));
  return names.map((name) => {
    const pool = Object.hasOwn(zpools, name) ? zpools[name] : undefined;
    if (pool === undefined) throw new PlainError(`cannot open '${name}': no such pool`);
    return pool;
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

function valueOf(values: Readonly<Record<string, string>>, property: string): string {
  const value = values[property];
  if (value === undefined) throw new PlainError(`the simulator does not know the property '${property}'`);
  return value;
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
