import { ClusterStatus, Guests, StorageConfigs, Version, type StorageConfig } from "../proxmox/answers.ts";
import type { ReadApi, Reading } from "../proxmox/read-api.ts";
import { checkCluster } from "./check-cluster.ts";
import { checkStorage } from "./check-storages.ts";
import { checkVersions } from "./check-version.ts";
import { checkVmids } from "./check-vmids.ts";
import { examineImages } from "./examine-images.ts";
import { examineNode, type NodeExamination } from "./examine-node.ts";
import { examineSpace } from "./examine-space.ts";
import { unread, type Finding } from "./finding.ts";
import type { Target } from "./target.ts";

/** Privileges by path, as far as they were read. */
export type Held = Readonly<Record<string, Readonly<Record<string, boolean>>>>;

/** Looks at what a token may see of the cluster: nodes, storages, guests, images. */
export async function examineCluster(target: Target, api: ReadApi, held: Held): Promise<Finding[]> {
  const { plan, managed } = target;
  const status = await api.read("/cluster/status", ClusterStatus);
  const guests = await api.read("/cluster/resources", Guests, { parameters: { type: "vm" } });
  const configs = await api.read("/storage", StorageConfigs);
  const known = status.kind === "read" ? status.value : [];
  const isOffline = (node: string) =>
    known.some((entry) => entry.type === "node" && entry.name === node && !entry.online);
  const isMember = (node: string) =>
    known.length === 0 || known.some(({ type, name }) => type === "node" && name === node);
  const present = plan.nodes.filter(({ name }) => isMember(name) && !isOffline(name));
  const existing = guests.kind === "read" ? guests.value : [];
  const nodes = await Promise.all(present.map((node) => examineNode(target, api, node, existing)));
  const images = await examineImages(plan, api, nodes);
  return [
    ...checkVersions(await readVersions(api, nodes)),
    ...(status.kind === "read" ? checkCluster(plan.nodes, status.value) : [unread("cluster", status)]),
    ...nodes.flatMap(({ findings }) => findings),
    ...examineStorages(target, configs, nodes, held),
    ...examineSpace({ plan, existing, nodes, imageSizes: images.sizes }),
    ...(maySee(held, "/vms", ["VM.Audit"])
      ? checkVmids([...plan.containers, ...plan.machines], existing, managed?.vmids)
      : [unread("VMIDs", { status: 403, message: "the token does not see guests (VM.Audit on /vms)" })]),
    ...images.findings,
  ];
}

async function readVersions(api: ReadApi, nodes: readonly NodeExamination[]): Promise<Record<string, string>> {
  const read = await Promise.all(
    nodes.map(async ({ node }) => {
      const reading = await api.read(`/nodes/${node.name}/version`, Version);
      return reading.kind === "read" ? [[node.name, reading.value.version] as const] : [];
    }),
  );
  return Object.fromEntries(read.flat());
}

function examineStorages(
  { plan, managed }: Target,
  configs: Reading<readonly StorageConfig[]>,
  nodes: readonly NodeExamination[],
  held: Held,
): Finding[] {
  return plan.storages.map((storage) => {
    const { name } = storage;
    const subject = `storage ${name}`;
    if (configs.kind === "refused") return unread(subject, configs);
    if (!maySee(held, `/storage/${name}`, ["Datastore.Audit", "Datastore.AllocateSpace", "Datastore.Allocate"])) {
      const message = `the token does not see it (Datastore.Audit on /storage/${name})`;
      return unread(subject, { status: 403, message });
    }
    const onNodes = nodes.flatMap(({ node, storages }) =>
      storages === undefined ? [] : [[node.name, storages.find((own) => own.storage === name)] as const],
    );
    return checkStorage(storage, {
      config: configs.value.find((config) => config.storage === name),
      onNodes: Object.fromEntries(onNodes),
      managed: managed?.storages.has(name),
    });
  });
}

function maySee(held: Held, path: string, privileges: readonly string[]): boolean {
  return privileges.some((privilege) => held[path]?.[privilege] !== undefined);
}
