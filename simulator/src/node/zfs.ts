import type { ClusterState, Section } from "../state/cluster.ts";
import type { NodeState, ZfsPool } from "../state/node.ts";
import type { StorageState, Volume } from "../state/storage.ts";
import { draidLayout, parity, vdevsOf, type Vdev } from "./zfs-vdevs.ts";

/** A pool as `zpool list` shows it, in bytes. */
export interface PoolStatus {
  readonly name: string;
  readonly health: "ONLINE" | "DEGRADED" | "SUSPENDED";
  /** Of all disks, parity included. */
  readonly size: number;
  readonly allocated: number;
  readonly free: number;
  /** In percent. */
  readonly fragmentation: number;
  readonly vdevs: Vdev;
}

/** A dataset as `zfs list` shows it, in bytes. */
export interface Dataset {
  readonly name: string;
  readonly type: "filesystem" | "volume";
  readonly used: number;
  readonly available: number;
  readonly referenced: number;
  /** `-` where it has none. */
  readonly mountpoint: string;
  /** Of a volume that a storage has made. */
  readonly volume?: Volume;
}

const gib = 2 ** 30;
/** What an empty dataset takes. */
const emptyDataset = 96 * 1024;

/** How full and how healthy a pool is, from its disks and from what storages keep on it. */
export function poolStatus(state: ClusterState, nodeName: string, poolName: string): PoolStatus | undefined {
  const node = state.nodes[nodeName];
  const pool = node?.zpools[poolName];
  if (node === undefined || pool === undefined) return undefined;
  const vdevs = vdevsOf(node, pool);
  const size = rawSize(node, pool);
  const written = ownDatasets(state, node, pool).reduce((sum, { referenced }) => sum + referenced, 0);
  const allocated = Math.min(size, Math.round(written / usableShare(pool)));
  const health = vdevs.state === "UNAVAIL" ? "SUSPENDED" : vdevs.state === "DEGRADED" ? "DEGRADED" : "ONLINE";
  return { name: poolName, health, size, allocated, free: size - allocated, fragmentation: 0, vdevs };
}

/** The datasets of a pool and of what storages keep on it, each with what is in it and below it. */
export function listDatasets(state: ClusterState, nodeName: string, poolName: string): Dataset[] {
  const node = state.nodes[nodeName];
  const pool = node?.zpools[poolName];
  if (node === undefined || pool === undefined) return [];
  const own = ownDatasets(state, node, pool);
  const usable = rawSize(node, pool) * usableShare(pool);
  const taken = own.reduce((sum, { referenced, reserved }) => sum + Math.max(referenced, reserved), 0);
  const available = Math.max(0, Math.floor(usable - slop(usable) - taken));
  return own
    .map(({ name, type, referenced, reserved, quota, mountpoint, volume }) => ({
      name,
      type,
      referenced,
      mountpoint,
      used: own
        .filter((other) => other.name === name || other.name.startsWith(`${name}/`))
        .reduce((sum, other) => sum + Math.max(other.referenced, other.reserved), 0),
      available: Math.min(available + Math.max(0, reserved - referenced), quota - referenced),
      ...(volume === undefined ? {} : { volume }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One dataset of a node, by its full name: `rpool/data`. */
export function findDataset(state: ClusterState, node: string, name: string): Dataset | undefined {
  return listDatasets(state, node, poolOf(name)).find((dataset) => dataset.name === name);
}

/** The dataset that a storage keeps its volumes on, if it is on one of a node's pools. */
export function datasetOf({ zpools }: NodeState, { type, config }: StorageState): string | undefined {
  const { pool, path } = config;
  if (type === "zfspool") return pool !== undefined && zpools[poolOf(pool)] !== undefined ? pool : undefined;
  if (type !== "dir" || path === undefined) return undefined;
  return Object.values(zpools)
    .flatMap(({ datasets }) => Object.entries(datasets))
    .filter(([, { mountpoint = "" }]) =>
      `${path}/`.startsWith(mountpoint.endsWith("/") ? mountpoint : `${mountpoint}/`),
    )
    .sort(([, a], [, b]) => (b["mountpoint"] ?? "").length - (a["mountpoint"] ?? "").length)[0]?.[0];
}

/** A property of a dataset: its own, or its nearest parent's, with where it comes from. */
export function propertyOf(
  { datasets }: ZfsPool,
  dataset: string,
  name: string,
): { readonly value: string; readonly source: string } | undefined {
  for (let at = dataset; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    const value = datasets[at]?.[name];
    if (value !== undefined) return { value, source: at === dataset ? "local" : `inherited from ${at}` };
  }
  return undefined;
}

/** `rpool` of `rpool/data`. */
export function poolOf(dataset: string): string {
  return dataset.split("/")[0] ?? "";
}

interface OwnDataset extends Pick<Dataset, "name" | "type" | "referenced" | "mountpoint" | "volume"> {
  /** What a volume keeps others from taking. */
  readonly reserved: number;
  readonly quota: number;
}

function ownDatasets(state: ClusterState, node: NodeState, pool: ZfsPool): OwnDataset[] {
  const storages = Object.values(state.storages).filter((storage) => {
    const dataset = datasetOf(node, storage);
    return dataset !== undefined && poolOf(dataset) === pool.name;
  });
  const volumesOn = ({ storage }: StorageState) => Object.values(state.volumes[`${node.name}/${storage}`] ?? {});
  const files = { ...pool.files };
  for (const storage of storages.filter(({ type }) => type === "dir")) {
    const dataset = datasetOf(node, storage) ?? pool.name;
    for (const volume of volumesOn(storage)) files[dataset] = (files[dataset] ?? 0) + written(volume);
  }
  return [
    ...Object.entries(pool.datasets).map(([name, properties]) => filesystem(name, properties, files[name] ?? 0)),
    ...storages
      .filter(({ type }) => type === "zfspool")
      .flatMap((storage) => volumesOn(storage).map((volume) => volumeDataset(storage, volume))),
  ];
}

function filesystem(name: string, { mountpoint = `/${name}`, refquota }: Section, bytes: number): OwnDataset {
  const quota = refquota === undefined ? Infinity : Number(refquota);
  return { name, type: "filesystem", referenced: emptyDataset + bytes, reserved: 0, quota, mountpoint };
}

function volumeDataset({ config }: StorageState, volume: Volume): OwnDataset {
  // A linked clone's name starts with its parent's; the dataset is the last part.
  const name = `${config["pool"] ?? ""}/${volume.name.split("/").at(-1) ?? ""}`;
  const referenced = emptyDataset + written(volume);
  if (volume.format === "subvol") {
    const root = config["mountpoint"] ?? `/${config["pool"] ?? ""}`;
    const mountpoint = `${root}/${name.split("/").at(-1) ?? ""}`;
    return { name, type: "filesystem", referenced, reserved: 0, quota: volume.size, mountpoint, volume };
  }
  const reserved = config["sparse"] === "1" ? 0 : volume.size;
  return { name, type: "volume", referenced, reserved, quota: Infinity, mountpoint: "-", volume };
}

/** Guests fill a tenth of their disks, files are as large as they are. */
function written({ content, size }: Volume): number {
  return content === "images" || content === "rootdir" ? Math.round(size / 10) : size;
}

/** What `zpool list` says: whole metaslabs of the smallest disk, parity included. */
function rawSize(node: NodeState, pool: ZfsPool): number {
  const { raid, disks, name } = pool;
  const reserved = name === "rpool" ? gib + 2 ** 20 : 10 * 2 ** 20;
  const smallest = Math.min(...disks.map((device) => node.disks[device]?.size ?? Infinity)) - reserved;
  if (!Number.isFinite(smallest)) return 0;
  const groups = raid === "raid10" ? disks.length / 2 : raid === "single" ? disks.length : 1;
  const members = parity[raid] === 0 ? 1 : disks.length - draidLayout(pool).spares;
  const group = smallest * members;
  const metaslab = 2 ** Math.min(34, Math.max(29, Math.floor(Math.log2(group / 200)) + 1));
  return Math.floor(group / metaslab) * metaslab * groups;
}

/** The part of a pool that holds data when blocks of 128 KiB are written: what ZFS calls the deflate ratio. */
function usableShare(pool: ZfsPool): number {
  const { raid, disks, properties } = pool;
  const redundant = parity[raid];
  if (redundant === 0) return 1;
  const sectors = 2 ** (17 - Number(properties["ashift"] ?? 12));
  const data = raid.startsWith("draid") ? draidLayout(pool).data : disks.length - redundant;
  const stripes = Math.ceil(sectors / data);
  if (raid.startsWith("draid")) return sectors / (stripes * (data + redundant));
  const needed = sectors + redundant * stripes;
  return sectors / (Math.ceil(needed / (redundant + 1)) * (redundant + 1));
}

/** What ZFS keeps for itself: a 32nd, but no more than 128 GiB. */
function slop(usable: number): number {
  return Math.min(Math.max(usable / 32, 2 ** 27), 128 * gib);
}
