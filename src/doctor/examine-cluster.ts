import {
  ClusterStatus,
  Guests,
  StorageConfigs,
  Version,
  type ExistingGuest,
  type StorageConfig,
} from "../proxmox/answers.ts";
import type { ReadApi, Reading, Refusal } from "../proxmox/read-api.ts";
import { checkCluster } from "./check-cluster.ts";
import type { Held } from "./check-privileges.ts";
import { checkStorage } from "./check-storages.ts";
import { checkVersions } from "./check-version.ts";
import { checkVmids } from "./check-vmids.ts";
import { examineImages } from "./examine-images.ts";
import { examineNode, type NodeExamination } from "./examine-node.ts";
import { examineSpace } from "./examine-space.ts";
import { unread, type Finding } from "./finding.ts";
import type { Target } from "./target.ts";

/** Looks at what a token may see of the cluster: nodes, storages, guests, images. */
export async function examineCluster(target: Target, api: ReadApi, held: Held): Promise<Finding[]> {
  const { plan } = target;
  const status = await api.read("/cluster/status", ClusterStatus);
  const guests = await api.read("/cluster/resources", Guests, { parameters: { type: "vm" } });
  const configs = await api.read("/storage", StorageConfigs);
  const known = status.kind === "read" ? status.value : [];
  const isOffline = (node: string) =>
    known.some((entry) => entry.type === "node" && entry.name === node && !entry.online);
  const isMember = (node: string) =>
    known.length === 0 || known.some(({ type, name }) => type === "node" && name === node);
  const present = plan.nodes.filter(({ name }) => isMember(name) && !isOffline(name));
  const nodes = await Promise.all(present.map((node) => examineNode(target, api, node, guests)));
  const images = await examineImages(plan, api, nodes);
  return [
    ...checkVersions(await readVersions(api, nodes)),
    ...(status.kind === "read" ? checkCluster(plan.nodes, status.value) : [unread("cluster", status)]),
    ...nodes.flatMap(({ findings }) => findings),
    ...examineStorages(target, configs, nodes, held),
    ...examineSpace({ plan, guests, nodes, imageSizes: images.sizes }),
    ...examineVmids(target, guests, held),
    ...images.findings,
  ];
}

async function readVersions(
  api: ReadApi,
  nodes: readonly NodeExamination[],
): Promise<Record<string, Reading<{ readonly version: string }>>> {
  const read = nodes.map(
    async ({ node: { name } }) => [name, await api.read(`/nodes/${name}/version`, Version)] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

function examineVmids({ plan, managed }: Target, guests: Reading<readonly ExistingGuest[]>, held: Held): Finding[] {
  const unseen = whyUnseen(held, "/vms", ["VM.Audit"], "guests");
  if (unseen !== undefined) return [unread("VMIDs", unseen)];
  if (guests.kind === "refused") return [unread("VMIDs", guests)];
  return checkVmids([...plan.containers, ...plan.machines], guests.value, managed?.vmids);
}

/** Any of these shows a storage. */
const storagePrivileges = ["Datastore.Audit", "Datastore.AllocateSpace", "Datastore.Allocate"] as const;

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
    const unseen = whyUnseen(held, `/storage/${name}`, storagePrivileges, "it");
    if (unseen !== undefined) return unread(subject, unseen);
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

/** Why a list that lacks something is no proof that it is not there: a token is not told what it may not see. */
function whyUnseen(
  held: Held,
  path: string,
  privileges: readonly [string, ...string[]],
  what: string,
): Refusal | undefined {
  const here = held[path];
  if (here?.kind === "refused") return here;
  if (privileges.some((privilege) => here?.value[privilege] !== undefined)) return undefined;
  return { status: 403, message: `the token does not see ${what} (${privileges[0]} on ${path})` };
}
