import { Deployment } from "../src/adopt/engine-files.ts";
import { askNodesForPools } from "../src/edits/ask-nodes-for-pools.ts";
import { checkEdits } from "../src/edits/check-edits.ts";
import { checkVmids } from "../src/edits/check-vmids.ts";
import { checkPools, doubtfulPools } from "../src/edits/check-pools.ts";
import { checkRoom } from "../src/edits/check-room.ts";
import { renderCommands, type NodeCommand, type NodeWork } from "../src/edits/edit.ts";
import { loadEdited, type EditedHomelab } from "../src/edits/load-edited.ts";
import { onNode, type Access } from "../src/provision/on-node.ts";
import { NodeStorages, type ExistingGuest } from "../src/proxmox/answers.ts";
import { dropLostDisks } from "../src/state/drop-lost-disks.ts";
import { dropMountPoint } from "../src/state/drop-mount-point.ts";
import { moveInState } from "../src/state/move-in-state.ts";
import { AdoptingStack } from "./adopting-stack.ts";
import { nodeAccess } from "./node-access.ts";
import { runPulumi } from "./pulumi-command.ts";
import { readAnswer, readGuests, withServer } from "./stack-server.ts";
import { readStackSettings, StackError, type StackSettings } from "./stack-settings.ts";

/** How the work is announced and allowed. */
export interface Consent {
  readonly removed: readonly string[];
  readonly say: (text: string) => void;
  readonly mayDo: (question: string) => Promise<boolean>;
}

/** What Proxmox VE is to do before the engine runs, and the state that says so. */
export interface Pending extends EditedHomelab {
  readonly works: readonly NodeWork[];
  readonly state: Deployment;
}

/** A move and what follows on the other node; more rounds would mean that a command changes nothing. */
const mostRounds = 4;

/**
 * Lets Proxmox VE do what the provider could only do by deleting a guest, such as a new or larger volume of a container, or another
 * node; then lets the state follow. Nothing is done if any edit of the inventory is refused.
 * @throws {InventoryError} that lists the edits that are refused
 * @throws {StackError} if a command fails, in its own words
 */
export async function doOnNodes(project: string, stack: string, consent: Consent): Promise<void> {
  const own = new AdoptingStack((args, input) => runPulumi(project, stack, args, input));
  let refreshed = new Set<string>();
  for (let round = 0; round < mostRounds; round++) {
    const pending = await findPending(project, own, consent.removed);
    if (pending === undefined || pending.works.length === 0) return;
    const settings = await readStackSettings(project, stack);
    const { plan, built, located } = pending;
    const { existing, found } = await withServer(stack, settings, async ({ api }) => ({
      existing: await readGuests(api),
      found: await askNodesForPools(doubtfulPools(plan, built), (path, schema) => readAnswer(api, path, schema)),
    }));
    const { inventory } = located;
    // No command runs in a guest of others that has got a VMID of ours.
    located.refuse([...checkVmids({ inventory, built, existing }), ...checkPools({ inventory, plan, built, found })]);
    const urns = new Set(pending.works.map(({ urn }) => urn));
    // A run that was cut off may have done part of it: a volume would be added twice.
    if (await followMoves(own, pending, existing, consent.say)) continue;
    if ([...urns].some((urn) => !refreshed.has(urn))) {
      await refreshGuests(own, [...urns]);
      refreshed = new Set([...refreshed, ...urns]);
      continue;
    }
    await refuseTight(pending.works, stack, settings);
    await doWorks(pending, settings, own, consent);
  }
  throw new StackError(
    "Proxmox VE has done its commands, and the guests are still not as the inventory says: npm run drift",
  );
}

/**
 * Finds what Proxmox VE would have to do first; undefined if the stack does not exist yet.
 * @throws {InventoryError} that lists the edits that are refused
 */
export async function findPending(
  project: string,
  own: AdoptingStack,
  removed: readonly string[],
): Promise<Pending | undefined> {
  const { code, output } = await own.run(["stack", "export"]);
  // A stack that does not exist yet has nothing to lose; what else is wrong the engine says itself.
  if (code !== 0) return undefined;
  const state = Deployment.parse(JSON.parse(output));
  const edited = loadEdited(project, state.deployment.resources);
  const { located, plan, built, renames } = edited;
  const facts = { inventory: located.inventory, plan, built, existing: undefined, renames, removed: new Set(removed) };
  const edits = checkEdits(facts);
  located.refuse(edits.filter((edit) => edit.onNode === undefined));
  return { ...edited, state, works: edits.flatMap(({ onNode: work }) => work ?? []) };
}

/** Lets the state follow guests that are on another node already: after a run that was cut off, by hand or by high availability. */
async function followMoves(
  own: AdoptingStack,
  { works, built, state }: Pending,
  existing: readonly ExistingGuest[],
  say: Consent["say"],
): Promise<boolean> {
  const moved = works.flatMap(({ urn }) => {
    const guest = built.guests.find((candidate) => candidate.urn === urn);
    const found = existing.find(({ vmid }) => vmid === guest?.vmid);
    return guest === undefined || found === undefined || found.node === guest.node
      ? []
      : [{ ...guest, to: found.node }];
  });
  if (moved.length === 0) return false;
  for (const { kind, name, to } of moved) say(`The ${kind} ${name} is on ${to}; the state follows.\n`);
  await own.writeState(moved.reduce((before, guest) => moveInState(before, guest, guest.to), state));
  await refreshGuests(
    own,
    moved.map(({ urn }) => urn),
  );
  return true;
}

/** @throws {StackError} if a storage may have no room for what is to go there */
async function refuseTight(works: readonly NodeWork[], stack: string, settings: StackSettings): Promise<void> {
  const nodes = [...new Set(works.flatMap(({ needs }) => needs.map(({ node }) => node)))];
  const free = await withServer(stack, settings, async ({ api }) => {
    const answers = nodes.map(async (node) => [node, await api.read(`/nodes/${node}/storage`, NodeStorages)] as const);
    return new Map(await Promise.all(answers));
  });
  const problems = checkRoom(works, (node, storage) => {
    const answer = free.get(node);
    const found = answer?.kind === "read" ? answer.value.find((one) => one.storage === storage) : undefined;
    if (found === undefined) return undefined;
    if (!found.active) return "not active";
    return found.shared ? undefined : found.avail;
  });
  if (problems.length > 0) throw new StackError(`${problems.join("\n")}\nNothing was changed.`);
}

async function doWorks(
  { works, built }: Pending,
  settings: StackSettings,
  own: AdoptingStack,
  { say, mayDo }: Consent,
): Promise<void> {
  for (const { guest, cost, commands } of works) {
    say(`${guest} is changed by Proxmox VE first, ${cost}:\n  ${renderCommands(commands)}\n`);
  }
  if (!(await mayDo("Do this, and go on? Type y: "))) {
    throw new StackError("Nothing was changed. Without a terminal that could be asked, --yes allows it.");
  }
  const access = nodeAccess(settings);
  const begun: NodeWork[] = [];
  try {
    for (const work of works) {
      begun.push(work);
      for (const command of work.commands) await runOnNode(command, access);
      if (work.detached !== undefined)
        await own.writeState(dropMountPoint(await own.exportState(), work.urn, work.detached));
      if (work.to === undefined) continue;
      const guest = built.guests.find(({ urn }) => urn === work.urn);
      if (guest !== undefined) await own.writeState(moveInState(await own.exportState(), guest, work.to));
    }
  } finally {
    await refreshGuests(
      own,
      begun.map(({ urn }) => urn),
    );
  }
}

/** Corrects the state of guests by what is there. */
async function refreshGuests(own: AdoptingStack, urns: readonly string[]): Promise<void> {
  await own.refresh(urns);
  const { state, urns: broken } = dropLostDisks(await own.exportState());
  if (broken.length === 0) return;
  await own.writeState(state);
  await own.refresh(broken);
}

async function runOnNode({ node, command }: NodeCommand, access: Access): Promise<void> {
  const done = await onNode(node, access, (session) => session.run(command, ""));
  if (done.kind === "unreachable") throw new StackError(done.reason);
  const { code, stdout, stderr } = done.value;
  if (code === 0) return;
  throw new StackError(
    `${node} refused a command:\n  ${command}\n${`${stdout}${stderr}`.trim()}\nThe commands before it are done, and in the state. Correct what it says, and run npm run up again.`,
  );
}
