import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { log, runtime } from "@pulumi/pulumi";
import { ReadApi } from "../proxmox/read-api.ts";
import { openConnection } from "../proxmox/send.ts";
import { trustAuthorities, type Trust } from "../proxmox/trust.ts";
import type { Settings } from "../settings.ts";
import { askServer, type ServerFacts } from "./ask-server.ts";
import { checkBridgePorts } from "./check-bridge-ports.ts";
import { checkBridges } from "./check-bridges.ts";
import { checkEdits } from "./check-edits.ts";
import { checkImages } from "./check-images.ts";
import { checkOrigins, newPlaces } from "./check-origins.ts";
import { checkPools } from "./check-pools.ts";
import { checkRemovedBridges } from "./check-removed-bridges.ts";
import { checkStorages } from "./check-storages.ts";
import { checkTags } from "./check-tags.ts";
import { doneFirst, renderCommands, type RefusedEdit } from "./edit.ts";
import { findMoved } from "./find-moved.ts";
import { noteListedRemovals } from "./listed-removals.ts";
import type { EditedHomelab } from "./load-edited.ts";
import { noteBridges } from "./note-bridges.ts";
import { noteImages, noteRemovedImages } from "./note-images.ts";
import { noteRestarts } from "./note-restarts.ts";
import { noteStorages } from "./note-storages.ts";
import { noteReleases } from "./release-origins.ts";
import { adoptVariable, removeStorageVariable, removeVariable, repointStorageVariable } from "./variables.ts";

/** A relative `homelab:caFile` counts from here. */
const project = join(import.meta.dirname, "../..");

/**
 * Refuses a run that would lose a guest, a volume, files or the way to a node, or take over what belongs to others; and says what a
 * run costs that is let through. A preview goes on if all that is in its way is done by `npm run up` first, and says so.
 * @returns the names of the guests that Proxmox VE changes first: the preview leaves them as they are
 * @throws {InventoryError} that lists each such edit with its place and the way on
 * @throws {Error} if the server cannot be asked, unless this is a preview
 */
export async function refuseLoss(edited: EditedHomelab, settings: Settings): Promise<ReadonlySet<string>> {
  // What differs is listed by adopt itself, and refused by the next up.
  if (process.env[adoptVariable] !== undefined) return new Set();
  const { located, plan, built } = edited;
  const server = await withApi(settings, (api) => askServer(api, settings.endpoint, edited));
  const edits = findLoss(edited, server);
  const works = runtime.isDryRun() ? edits.flatMap(({ onNode }) => onNode ?? []) : [];
  located.refuse(runtime.isDryRun() ? edits.filter(({ onNode }) => onNode === undefined) : edits);
  for (const note of noteEdits(edited)) void log.info(note);
  for (const moved of findMoved(plan, built, server.guests ?? [])) void log.warn(moved);
  for (const edit of edits) warnOfWork(edit);
  return new Set(works.map(({ guest }) => guest));
}

function noteEdits({ located, plan, built, renames }: EditedHomelab): string[] {
  const bridges = plan.nodes.flatMap((node) => node.bridges);
  return [
    ...renames.map(({ kind, from, to }) => `The ${kind} ${from} is now ${to}: it keeps its VMID and its data.`),
    ...noteImages(plan, built),
    ...noteRemovedImages(plan, built),
    ...noteStorages(plan, built),
    ...noteBridges(bridges, built),
    ...noteReleases(plan, built),
    ...noteRestarts(plan, built),
    ...noteListedRemovals(located.inventory, built),
  ];
}

/** Only npm run up and npm run ci:deploy log in to nodes for it. */
function warnOfWork({ path, problem, onNode }: RefusedEdit): void {
  if (onNode === undefined) return;
  const { guest, cost, commands } = onNode;
  void log.warn(
    `${path.join(".")}: ${problem} ${doneFirst}, ${cost}; pulumi up refuses. This preview shows ${guest} without it.\n  ${renderCommands(commands)}`,
  );
}

function findLoss(
  { located: { inventory }, plan, built, renames }: EditedHomelab,
  { guests, interfaces, places, pools, tagOptions, contents, others }: ServerFacts,
): RefusedEdit[] {
  const bridges = plan.nodes.flatMap((node) => node.bridges);
  const consents = { removed: namedBy(removeStorageVariable), repointed: namedBy(repointStorageVariable) };
  const carrying = checkBridges(bridges, interfaces);
  const isCarrying = ({ path }: RefusedEdit) => carrying.some((edit) => edit.path.join() === path.join());
  return [
    ...checkEdits({ inventory, plan, built, existing: guests, renames, removed: namedBy(removeVariable) }),
    ...checkStorages({ plan, built, existing: guests ?? [], contents, consents }),
    ...checkImages(plan, built),
    ...checkPools({ inventory, plan, built, found: pools }),
    ...checkTags(inventory, tagOptions),
    ...carrying,
    ...checkBridgePorts(bridges, built),
    ...checkRemovedBridges({ bridges, built, interfaces, others }),
    ...checkOrigins(newPlaces(plan, built), places).filter((edit) => !isCarrying(edit)),
  ];
}

/** Names that `npm run up` has taken from its command line. */
function namedBy(variable: string): Set<string> {
  return new Set((process.env[variable] ?? "").split(",").filter((name) => name !== ""));
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

function trustOf({ insecure, caFile }: Settings): Trust {
  if (insecure) return { kind: "anyone" };
  return trustAuthorities(caFile === undefined ? undefined : readFileSync(resolve(project, caFile), "utf8"));
}
