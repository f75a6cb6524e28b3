import { ApiError } from "../api-error.ts";
import { series, wave } from "../guest/rrd.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { renderInterfaces } from "../node/interfaces-file.ts";
import { journalOf } from "../node/journal.ts";
import { listVersions } from "../node/packages.ts";
import { usageOfNode } from "../node/usage.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

/** What a node tells of itself over time. */
export const nodeLogHandlers: Handlers = {
  "GET /nodes/{node}/syslog": readSyslog,
  "GET /nodes/{node}/journal": readJournal,
  "GET /nodes/{node}/rrddata": ({ node, timeframe }, { world }) => measure(world, node, timeframe),
  "GET /nodes/{node}/netstat": ({ node }, { world }) =>
    Object.values(world.state.guests)
      .filter((guest) => guest.node === node && guest.status === "running")
      .flatMap(({ vmid, config, startedAt = world.seconds() }) =>
        Object.keys(config)
          .filter((name) => /^net\d+$/.test(name))
          .sort()
          .map((dev) => {
            const seconds = world.seconds() - startedAt;
            return { vmid: String(vmid), dev, in: String(seconds * 1200), out: String(seconds * 800) };
          }),
      ),
  "GET /nodes/{node}/report": ({ node }, { world }) => report(world, node),
};

function readSyslog(
  { node, start = 0, limit = 50, since, until, service }: Parameters<"GET /nodes/{node}/syslog">,
  { world, attributes }: Context,
) {
  const lines = journalOf(world, node)
    .filter(({ time }) => since === undefined || time >= parseTime(since))
    .filter(({ time }) => until === undefined || time <= parseTime(until))
    .filter(({ unit }) => service === undefined || unit === service);
  attributes["total"] = lines.length;
  const shown = lines.slice(start, start + limit).map(({ line }, index) => ({ n: start + index + 1, t: line }));
  return lines.length === 0 ? [{ n: 1, t: "no content" }] : shown;
}

/** `2026-01-01 13:00`, in the simulator's own time zone as in the node's. */
function parseTime(text: string): number {
  return Date.parse(text.replace(" ", "T")) / 1000;
}

function readJournal(
  { node, since = 0, until = Infinity, lastentries, ...cursors }: Parameters<"GET /nodes/{node}/journal">,
  { world }: Context,
): string[] {
  for (const name of ["startcursor", "endcursor"] as const) {
    if (cursors[name] !== undefined) throw new ApiError(501, `the simulator does not know '${name}' of a journal yet`);
  }
  const all = journalOf(world, node).filter(({ time }) => time >= since && time <= until);
  const entries = lastentries === undefined ? all : all.slice(Math.max(0, all.length - lastentries));
  const cursor = (time = 0) => `s=${node};t=${(time * 1e6).toString(16)}`;
  return [cursor(entries[0]?.time), ...entries.map(({ line }) => line), cursor(entries.at(-1)?.time)];
}

/** The keys of PVE::RRD since Proxmox VE 9; nothing was measured before the node was there. */
function measure(world: World, name: string, timeframe: Parameters<"GET /nodes/{node}/rrddata">["timeframe"]) {
  const node = world.node(name);
  const { cpu, memory, root } = usageOfNode(world.state, node);
  const since = Math.min(node.bootedAt, ...Object.values(node.disks).map((disk) => disk.since ?? node.bootedAt));
  const always = (value: number) => (time: number) => (time < since ? undefined : value);
  const around = (key: string, mean: number) => (time: number) =>
    time < since ? undefined : wave(`${name}/${key}`, mean)(time);
  return series(world.seconds(), timeframe, {
    cpu: around("cpu", cpu),
    maxcpu: always(node.cpu.threads),
    loadavg: around("loadavg", cpu * node.cpu.threads),
    iowait: around("iowait", 0.0004),
    memtotal: always(memory.total),
    memused: around("memused", memory.used * 0.7),
    memavailable: around("memavailable", (memory.total - memory.used) * 0.7),
    arcsize: around("arcsize", memory.arc),
    swaptotal: always(0),
    swapused: always(0),
    roottotal: always(root.total),
    rootused: always(root.used),
    netin: around("netin", 2400),
    netout: around("netout", 1900),
    pressurecpusome: around("pressurecpusome", 0.02),
    pressureiosome: around("pressureiosome", 0.05),
    pressureiofull: around("pressureiofull", 0.04),
    pressurememorysome: always(0),
    pressurememoryfull: always(0),
  });
}

function report(world: World, name: string): string {
  const { hosts, dns, interfaces } = world.node(name);
  const section = (title: string, text: string) => `==== ${title} ====\n\n${text.replace(/\n*$/, "\n")}\n`;
  const versions = listVersions().map(({ Package, Version }) => `${Package}: ${Version}`);
  return [
    section(
      "general system info",
      `# hostname\n${name}\n\n# pveversion --verbose\n${versions.join("\n")}\n\n# cat /etc/hosts\n${hosts}`,
    ),
    section(
      "info about storage",
      Object.values(world.state.storages)
        .map(({ type, storage }) => `${type}: ${storage}`)
        .join("\n"),
    ),
    section(
      "info about network",
      `# cat /etc/resolv.conf\nsearch ${dns.search}\n${dns.servers.map((server) => `nameserver ${server}\n`).join("")}\n` +
        `# cat /etc/network/interfaces\n${renderInterfaces(interfaces)}`,
    ),
    section("info about the release", `pve-manager/${version.version}/${version.repoid}`),
  ].join("");
}
