import { ApiError } from "../api-error.ts";
import type { Context, Handlers, Parameters, Returns } from "../handlers.ts";
import { findDisk, linkOf, partitionsOf, poolOn, usageOf } from "../node/disks.ts";
import { healthOf, readSmart } from "../node/smart.ts";
import type { Disk, NodeState } from "../state/node.ts";

type DiskList = Returns<"GET /nodes/{node}/disks/list">;

/** Disks, whatever is on them. */
export const nodeDiskHandlers: Handlers = {
  "GET /nodes/{node}/disks/list": ({ node: name, type, skipsmart, "include-partitions": deep = false }, { world }) => {
    const node = world.node(name);
    const all = Object.entries(node.disks)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([devpath, disk]) => {
        const shown = describeDisk(node, devpath, disk, { smart: skipsmart !== true, deep });
        return deep ? [shown, ...describePartitions(node, devpath)] : [shown];
      });
    if (type === undefined) return all;
    return all.filter(({ used, gpt }) =>
      type === "unused" ? used === undefined : used === undefined || used === "LVM" || (used === "partitions" && gpt),
    );
  },
  "GET /nodes/{node}/disks/smart": ({ node: name, disk: path, healthonly }, { world }) => {
    const node = world.node(name);
    const { disk } = findDisk(node, path);
    if (healthonly === true) return { health: healthOf(disk) };
    return { ...readSmart(disk, world.seconds()) };
  },
  // Neither volume groups nor file systems of one's own can be made here, so that there are none.
  "GET /nodes/{node}/disks/directory": () => [],
  "GET /nodes/{node}/disks/lvm": () => ({ leaf: 0, children: [] }),
  "GET /nodes/{node}/disks/lvmthin": () => [],
  "POST /nodes/{node}/disks/initgpt": initialize,
  "PUT /nodes/{node}/disks/wipedisk": wipe,
};

function describeDisk(
  node: NodeState,
  devpath: string,
  disk: Disk,
  { smart, deep }: { readonly smart: boolean; readonly deep: boolean },
): DiskList[number] {
  const { vendor, model, size, serial, type, wwn, wearout } = disk;
  const partitions = partitionsOf(node, devpath);
  const used = deep && partitions.length > 0 ? "partitions" : usageOf(node, devpath);
  return {
    vendor,
    model,
    size,
    serial,
    gpt: partitions.length > 0 || disk.gpt === true ? 1 : 0,
    rpm: type === "hdd" ? 7200 : 0,
    type,
    wwn,
    health: smart ? healthOf(disk) : "UNKNOWN",
    devpath,
    wearout: smart && type !== "hdd" ? wearout : "N/A",
    mounted: 0,
    by_id_link: linkOf(disk),
    ...(used === undefined ? {} : { used }),
    osdid: -1,
    "osdid-list": [],
  };
}

function describePartitions(node: NodeState, parent: string): DiskList[number][] {
  return partitionsOf(node, parent).map(({ devpath, size, used }) => ({
    devpath,
    parent,
    mounted: 0,
    gpt: 1,
    type: "partition",
    size,
    used,
    osdid: -1,
    "osdid-list": [],
  }));
}

function initialize(
  { node: name, disk: path }: Parameters<"POST /nodes/{node}/disks/initgpt">,
  { world, session }: Context,
): string {
  const node = world.node(name);
  const { devpath } = findDisk(node, path);
  if (usageOf(node, devpath) !== undefined) throw new ApiError(500, `disk ${devpath} already in use`);
  return world.tasks.start({
    node: name,
    type: "diskinit",
    id: devpath.replace(/^.*\//, ""),
    session,
    seconds: 1,
    work: (log) => {
      const { disk } = findDisk(world.node(name), devpath);
      disk.gpt = true;
      log("The operation has completed successfully.");
      return undefined;
    },
  });
}

function wipe(
  { node: name, disk: path }: Parameters<"PUT /nodes/{node}/disks/wipedisk">,
  { world, session }: Context,
): string {
  const { devpath } = findDisk(world.node(name), path);
  return world.tasks.start({
    node: name,
    type: "wipedisk",
    id: devpath.replace(/^.*\//, ""),
    session,
    seconds: 2,
    work: (log) => {
      const node = world.node(name);
      const partitions = partitionsOf(node, devpath).map((partition) => partition.devpath);
      if (partitions.length > 0) log(`found child partitions to wipe: ${partitions.join(", ")}`);
      log(`wiping block device ${devpath}`);
      // The kernel has a pool's devices open.
      if (poolOn(node, devpath) !== undefined) {
        const first = partitions.at(-1) ?? devpath;
        log(`wipefs: error: ${first}: probing initialization failed: Device or resource busy`);
        throw new Error(
          `error wiping '${devpath}': command 'wipefs --all ${[...partitions, devpath].join(" ")}' failed: exit code 1`,
        );
      }
      const { disk } = findDisk(node, devpath);
      delete disk.used;
      delete disk.gpt;
      log("200+0 records in");
      log("200+0 records out");
      log("209715200 bytes (210 MB, 200 MiB) copied, 0.11 s, 1.9 GB/s");
      return undefined;
    },
  });
}
