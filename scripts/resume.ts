import { examineGuests } from "../src/adopt/examine-guests.ts";
import { ResourceFinder } from "../src/adopt/find-resource.ts";
import { pendingOperations, takeUp, type PendingOperation } from "../src/adopt/interrupted.ts";
import { adoptableKinds } from "../src/adopt/kinds.ts";
import { textOf, type Inputs } from "../src/adopt/lookup.ts";
import { nameOf, sortResources, typeOf, type SortedResource } from "../src/adopt/sort-resources.ts";
import { waitForTasks } from "../src/proxmox/wait-for-tasks.ts";
import { AdoptingStack } from "./adopting-stack.ts";
import { runPulumi } from "./pulumi-command.ts";
import { withServer, type StackServer } from "./stack-server.ts";
import { readStackSettings, StackError } from "./stack-settings.ts";

/** What a run does about a run that was killed before it. */
export interface Resuming {
  readonly say: (text: string) => void;
  /** Asked before anything is taken into the state. */
  readonly mayAdopt: (question: string) => Promise<boolean>;
}

/**
 * Takes up what a killed run has left: what it has created and could not record comes into the state, and nothing is left
 * pending. Does nothing where no run was killed.
 * @throws {StackError} where something stands in the way, or it may not
 */
export async function resume(project: string, stack: string, { say, mayAdopt }: Resuming): Promise<void> {
  const own = new AdoptingStack((args, input) => runPulumi(project, stack, args, input));
  const state = await own.exportState();
  const operations = pendingOperations(state);
  if (operations.length === 0) return;
  say(`The last run was cut off while it was\n${operations.map(describe).join("")}`);
  await withServer(stack, await readStackSettings(project, stack), async (server) => {
    const orphans = await findOrphans(server, operations, say);
    if (orphans.length > 0) {
      say(`It has created, and not recorded:\n${orphans.map(({ word, name }) => `  ${word} ${name}\n`).join("")}`);
      if (!(await mayAdopt("Take it into the state, so that up goes on from there? Type y: "))) {
        throw new StackError(
          "Nothing was changed. Take it into the state with --yes, or remove what is listed and begin again: up cannot create what is there.",
        );
      }
    }
    const deleted = operations.filter(({ type, resource: { urn } }) => type === "deleting" && isBridge(urn));
    const bridges = [...orphans.filter(({ urn }) => isBridge(urn)), ...deleted.map(({ resource }) => resource)];
    await applyNetworks(
      server,
      bridges.map(({ inputs }) => inputs),
      say,
    );
    await own.writeState(takeUp(state, new Set(orphans.map(({ urn }) => urn))));
  });
  say("The state is put right.\n");
}

/** What is on the server though nobody has recorded it, of what the last run was creating. */
async function findOrphans(
  { api, apiToken }: StackServer,
  operations: readonly PendingOperation[],
  say: Resuming["say"],
): Promise<SortedResource[]> {
  const steps = operations
    .filter(({ type, resource: { urn } }) => type === "creating" && adoptableKinds[typeOf(urn)]?.madeByWriting !== true)
    .map(({ resource }) => ({ op: "create", urn: resource.urn, newState: resource }));
  const tasks = await waitForTasks(api, apiToken, say);
  if (tasks.length > 0) {
    throw new StackError(
      `What the last run has set off goes on and on: ${tasks.join(", ")}. Nothing was changed. Look at these tasks in Proxmox VE, and stop what hangs.`,
    );
  }
  const found = await sortResources({ steps }, new ResourceFinder(api));
  const orphans = found.filter((resource) => resource.found.kind === "there");
  const problems = [...found.flatMap(describeObstacle), ...(await examineGuests(api, orphans))];
  if (problems.length === 0) return orphans;
  throw new StackError(`What the last run has left cannot be taken up. Nothing was changed.\n${problems.join("\n")}`);
}

function describeObstacle({ word, name, found }: SortedResource): string[] {
  if (found.kind === "obstacle") return [`${word} ${name}: ${found.text} ${found.remedy}`];
  return found.kind === "unread" ? [`${word} ${name}: ${found.text}`] : [];
}

/** A bridge is written first, and then the node takes its network over: the first half may have been all. */
async function applyNetworks({ api, apiToken, put }: StackServer, bridges: readonly Inputs[], say: Resuming["say"]) {
  for (const node of new Set(bridges.map((inputs) => textOf(inputs, "nodeName")))) {
    say(`Lets ${node} take its network over.\n`);
    await put(`/nodes/${node}/network`);
  }
  if (bridges.length > 0) await waitForTasks(api, apiToken, say);
}

function isBridge(urn: string): boolean {
  return adoptableKinds[typeOf(urn)]?.word === "bridge";
}

function describe({ type, resource: { urn } }: PendingOperation): string {
  const word = adoptableKinds[typeOf(urn)]?.word ?? "step";
  return `  ${type} ${word} ${nameOf(urn)}\n`;
}
