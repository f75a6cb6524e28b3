import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { log, runtime } from "@pulumi/pulumi";
import type { z } from "zod";
import { Guests } from "../proxmox/answers.ts";
import { ReadApi } from "../proxmox/read-api.ts";
import { openConnection } from "../proxmox/send.ts";
import { trustAuthorities, type Trust } from "../proxmox/trust.ts";
import type { Settings } from "../settings.ts";
import { checkBridges, Interfaces } from "./check-bridges.ts";
import { checkEdits } from "./check-edits.ts";
import { doneFirst, renderCommands, type RefusedEdit } from "./edit.ts";
import { findMoved } from "./find-moved.ts";
import { noteListedRemovals } from "./listed-removals.ts";
import type { EditedHomelab } from "./load-edited.ts";
import { noteImages } from "./note-images.ts";
import { adoptVariable, removeVariable } from "./variables.ts";

/** A relative `homelab:caFile` counts from here. */
const project = join(import.meta.dirname, "../..");

/**
 * Refuses a run that would lose a guest, a volume or the way to a node, or take over a guest of others. A preview goes on if all that
 * is in its way is done by `npm run up` first, and says so.
 * @returns the names of the guests that Proxmox VE changes first: the preview leaves them as they are
 * @throws {InventoryError} that lists each such edit with its place and the way on
 * @throws {Error} if the server cannot be asked, unless this is a preview
 */
export async function refuseLoss(edited: EditedHomelab, settings: Settings): Promise<ReadonlySet<string>> {
  // What differs is listed by adopt itself, and refused by the next up.
  if (process.env[adoptVariable] !== undefined) return new Set();
  const { located, plan, built, renames } = edited;
  const removed = new Set((process.env[removeVariable] ?? "").split(",").filter((name) => name !== ""));
  const bridges = plan.nodes.flatMap((node) => node.bridges).filter(({ origin }) => origin === "create");
  const { existing, interfaces } = await withApi(settings, async (api) => ({
    existing: await ask(api, settings, "/cluster/resources", Guests, { type: "vm" }),
    interfaces: await askInterfaces(api, settings, [...new Set(bridges.map(({ node }) => node))]),
  }));
  const edits = [
    ...checkEdits({ inventory: located.inventory, plan, built, existing, renames, removed }),
    ...checkBridges(bridges, interfaces),
  ];
  const works = runtime.isDryRun() ? edits.flatMap(({ onNode }) => onNode ?? []) : [];
  located.refuse(runtime.isDryRun() ? edits.filter(({ onNode }) => onNode === undefined) : edits);
  for (const note of noteEdits(edited)) void log.info(note);
  for (const moved of findMoved(plan, built, existing ?? [])) void log.warn(moved);
  for (const edit of edits) warnOfWork(edit);
  return new Set(works.map(({ guest }) => guest));
}

function noteEdits({ located, plan, built, renames }: EditedHomelab): string[] {
  const renamed = renames.map(
    ({ kind, from, to }) => `The ${kind} ${from} is now ${to}: it keeps its VMID and its data.`,
  );
  return [...renamed, ...noteImages(plan, built), ...noteListedRemovals(located.inventory, built)];
}

/** Only npm run up and npm run ci:deploy log in to nodes for it. */
function warnOfWork({ path, problem, onNode }: RefusedEdit): void {
  if (onNode === undefined) return;
  const { guest, cost, commands } = onNode;
  void log.warn(
    `${path.join(".")}: ${problem} ${doneFirst}, ${cost}; pulumi up refuses. This preview shows ${guest} without it.\n  ${renderCommands(commands)}`,
  );
}

async function askInterfaces(api: ReadApi, settings: Settings, nodes: readonly string[]) {
  const asked = nodes.map(async (node) => {
    const found = await ask(api, settings, `/nodes/${node}/network`, Interfaces);
    return [node, found ?? []] as const;
  });
  return new Map(await Promise.all(asked));
}

async function withApi<T>(settings: Settings, work: (api: ReadApi) => Promise<T>): Promise<T> {
  const connection = openConnection(settings.endpoint, trustOf(settings));
  const token = await new Promise<string>((open) => settings.apiToken.apply(open));
  try {
    return await work(new ReadApi(connection, token));
  } finally {
    connection.agent.destroy();
  }
}

/** A preview goes on without an answer, and says what it does not know. */
async function ask<T>(
  api: ReadApi,
  { endpoint }: Settings,
  path: string,
  schema: z.ZodType<T>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<T | undefined> {
  const answer = await api.read(path, schema, { parameters });
  if (answer.kind === "read") return answer.value;
  const problem = `${endpoint} does not answer GET ${path}: ${answer.message}`;
  if (!runtime.isDryRun()) throw new Error(`${problem}. Nothing was changed. See why: npm run doctor`);
  void log.warn(
    `${problem}. This preview does not know whether a VMID or an address belongs to others; up asks again.`,
  );
  return undefined;
}

function trustOf({ insecure, caFile }: Settings): Trust {
  if (insecure) return { kind: "anyone" };
  return trustAuthorities(caFile === undefined ? undefined : readFileSync(resolve(project, caFile), "utf8"));
}
