import type { ReadApi } from "../proxmox/read-api.ts";
import type { BuiltStorage } from "../state/built-places.ts";
import { StorageVolumes, type StorageContent } from "./storage-uses.ts";

/** Reads what is on storages, by ID: of a share from one of its nodes, of all else from each of them. */
export async function readContents(
  api: Pick<ReadApi, "read">,
  storages: readonly Pick<BuiltStorage, "name" | "nodes" | "type">[],
): Promise<Map<string, StorageContent>> {
  const read = storages.map(async (storage) => [storage.name, await readContent(api, storage)] as const);
  return new Map(await Promise.all(read));
}

async function readContent(
  api: Pick<ReadApi, "read">,
  { name, type, nodes }: Pick<BuiltStorage, "name" | "nodes" | "type">,
): Promise<StorageContent> {
  const answers = await Promise.all(nodes.map((node) => readOn(api, name, node)));
  const unread = answers.find(({ kind }) => kind === "unread");
  if (type === "nfs" || type === "cifs") {
    return answers.find(({ kind }) => kind === "read") ?? unread ?? { kind: "read", volumes: [] };
  }
  return (
    unread ?? { kind: "read", volumes: answers.flatMap((answer) => (answer.kind === "read" ? answer.volumes : [])) }
  );
}

async function readOn(api: Pick<ReadApi, "read">, storage: string, node: string): Promise<StorageContent> {
  const answer = await api.read(`/nodes/${node}/storage/${storage}/content`, StorageVolumes);
  if (answer.kind === "read") return { kind: "read", volumes: answer.value.map((volume) => ({ ...volume, node })) };
  // The entry was removed by hand: nothing is in sight that could go out of it.
  if (/storage '[^']*' does not exist/.test(answer.message)) return { kind: "read", volumes: [] };
  return { kind: "unread", reason: answer.message, answered: answer.status !== 0 };
}
