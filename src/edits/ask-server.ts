import { log, runtime } from "@pulumi/pulumi";
import type { z } from "zod";
import { Guests, StorageConfigs, type ExistingGuest } from "../proxmox/answers.ts";
import type { ReadApi } from "../proxmox/read-api.ts";
import { askNodesForPools } from "./ask-nodes-for-pools.ts";
import { Interfaces, type Interface } from "./check-bridges.ts";
import { newPlaces, type ExistingPlaces } from "./check-origins.ts";
import type { PoolOnNode } from "./check-pool-layout.ts";
import { doubtfulPools } from "./check-pools.ts";
import { GuestConfig, removedBridges, type RemovedBridgeFacts } from "./check-removed-bridges.ts";
import { storagesAtStake } from "./check-storages.ts";
import { hasCapitalTags, TagOptions } from "./check-tags.ts";
import type { EditedHomelab } from "./load-edited.ts";
import { readContents } from "./storage-contents.ts";
import type { StorageContent } from "./storage-uses.ts";

/** What the server says of what edits touch; nothing is asked for that no edit touches. */
export interface ServerFacts {
  readonly guests: readonly ExistingGuest[] | undefined;
  /** By node. */
  readonly interfaces: ReadonlyMap<string, readonly Interface[]>;
  readonly places: ExistingPlaces;
  /** What nodes say of `doubtfulPools`, by logical name. */
  readonly pools: ReadonlyMap<string, PoolOnNode>;
  /** Undefined if they are not known, or no tag needs them. */
  readonly tagOptions: z.infer<typeof TagOptions> | undefined;
  /** By storage. */
  readonly contents: ReadonlyMap<string, StorageContent>;
  /** The guests of others that may be attached to a bridge that is removed. */
  readonly others: RemovedBridgeFacts["others"];
}

/**
 * Asks the server for what edits are judged by.
 * @param endpoint as messages name it
 * @throws {Error} if it does not answer, unless this is a preview
 */
export async function askServer(
  api: ReadApi,
  endpoint: string,
  { located: { inventory }, plan, built }: EditedHomelab,
): Promise<ServerFacts> {
  const ask = <T>(path: string, schema: z.ZodType<T>, parameters = {}) =>
    read({ api, endpoint }, path, schema, parameters);
  const bridges = plan.nodes.flatMap((node) => node.bridges);
  const removed = removedBridges(bridges, built);
  const created = newPlaces(plan, built);
  const nodesOf = (places: readonly { readonly node: string }[]) => [...new Set(places.map(({ node }) => node))];
  const [guests, interfaces, storages, pools, tagOptions, contents] = await Promise.all([
    ask("/cluster/resources", Guests, { type: "vm" }),
    byKey(
      nodesOf([...bridges.filter(({ origin }) => origin === "create"), ...removed]),
      async (node) => (await ask(`/nodes/${node}/network`, Interfaces)) ?? [],
    ),
    created.storages.length === 0 ? [] : ask("/storage", StorageConfigs),
    askNodesForPools(doubtfulPools(plan, built), ask),
    hasCapitalTags(inventory) ? ask("/cluster/options", TagOptions) : undefined,
    readContents(api, storagesAtStake(plan, built)),
  ]);
  // Where the server does not answer at all, a preview has said so already.
  const answers = [...contents].filter(
    ([, content]) => content.kind === "read" || content.answered || !runtime.isDryRun(),
  );
  const foreign = (guests ?? []).filter(
    ({ vmid, node }) =>
      removed.some((bridge) => bridge.node === node) && !built.guests.some((own) => own.vmid === vmid),
  );
  return {
    guests,
    interfaces,
    places: {
      storages: (storages ?? []).map(({ storage }) => storage),
      bridges: new Map([...interfaces].map(([node, found]) => [node, found.map(({ iface }) => iface)])),
    },
    pools,
    tagOptions,
    contents: new Map(answers),
    others: await Promise.all(
      foreign.map(async (guest) => ({
        ...guest,
        config: (await ask(`/nodes/${guest.node}/${guest.type}/${guest.vmid}/config`, GuestConfig)) ?? {},
      })),
    ),
  };
}

/** A preview goes on without an answer, and says what it does not know. */
async function read<T>(
  { api, endpoint }: { readonly api: ReadApi; readonly endpoint: string },
  path: string,
  schema: z.ZodType<T>,
  parameters: Readonly<Record<string, string>>,
): Promise<T | undefined> {
  const answer = await api.read(path, schema, { parameters });
  if (answer.kind === "read") return answer.value;
  const problem = `${endpoint} does not answer GET ${path}: ${answer.message}`;
  if (!runtime.isDryRun()) throw new Error(`${problem}. Nothing was changed. See why: npm run doctor`);
  void log.warn(`${problem}. This preview cannot check what depends on it; up asks again.`);
  return undefined;
}

async function byKey<T>(keys: readonly string[], readOne: (key: string) => Promise<T>): Promise<Map<string, T>> {
  return new Map(await Promise.all(keys.map(async (key) => [key, await readOne(key)] as const)));
}
