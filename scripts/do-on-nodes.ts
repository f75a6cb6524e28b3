import { Deployment } from "../src/adopt/engine-files.ts";
import { nameOf } from "../src/adopt/sort-resources.ts";
import { checkEdits } from "../src/edits/check-edits.ts";
import { checkVmids } from "../src/edits/check-vmids.ts";
import { renderCommands, type NodeCommand, type NodeWork } from "../src/edits/edit.ts";
import { keepVmids } from "../src/edits/keep-vmids.ts";
import { loadLocatedInventory } from "../src/inventory/load.ts";
import { planHomelab } from "../src/plan/plan.ts";
import { onNode, type Access } from "../src/provision/on-node.ts";
import { readBuilt } from "../src/state/built.ts";
import { nodeAccess } from "./node-access.ts";
import { runPulumi } from "./pulumi-command.ts";
import { isGuest } from "./remove-guests.ts";
import { readGuests, withServer } from "./stack-server.ts";
import { readStackSettings, StackError } from "./stack-settings.ts";

/** How the work is announced and allowed. */
export interface Consent {
  readonly removed: readonly string[];
  readonly say: (text: string) => void;
  readonly mayDo: (question: string) => Promise<boolean>;
}

/**
 * Lets Proxmox VE do what the provider could only do by deleting a guest, such as a new or larger volume of a container; then lets
 * the state follow. Nothing is done if any edit of the inventory is refused.
 * @throws {InventoryError} that lists the edits that are refused
 * @throws {StackError} if a command fails, in its own words
 */
export async function doOnNodes(project: string, stack: string, { removed, say, mayDo }: Consent): Promise<void> {
  const { code, output } = await runPulumi(project, stack, ["stack", "export"]);
  // A stack that does not exist yet has nothing to lose; what else is wrong the engine says itself.
  if (code !== 0) return;
  const { resources } = Deployment.parse(JSON.parse(output)).deployment;
  const built = readBuilt(resources);
  const located = loadLocatedInventory(project, (inventory) => keepVmids(inventory, built));
  const { inventory } = located;
  const facts = { inventory, plan: planHomelab(inventory), built, existing: undefined, removed: new Set(removed) };
  const edits = checkEdits(facts);
  located.refuse(edits.filter((edit) => edit.onNode === undefined));
  const works = edits.flatMap(({ onNode: work }) => (work === undefined ? [] : [work]));
  if (works.length === 0) return;
  const settings = await readStackSettings(project, stack);
  // No command runs in a guest of others that has got a VMID of ours.
  const existing = await withServer(stack, settings, ({ api }) => readGuests(api));
  located.refuse(checkVmids({ inventory, built, existing }));
  for (const { guest, cost, commands } of works) {
    say(`${guest} is changed by Proxmox VE first, ${cost}:\n  ${renderCommands(commands)}\n`);
  }
  if (!(await mayDo("Do this, and go on? Type y: "))) {
    throw new StackError("Nothing was changed. Without a terminal that could be asked, --yes allows it.");
  }
  const access = nodeAccess(settings);
  try {
    for (const command of works.flatMap(({ commands }) => commands)) await runOnNode(command, access);
  } finally {
    await letStateFollow(project, stack, works, resources);
  }
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

async function letStateFollow(
  project: string,
  stack: string,
  works: readonly NodeWork[],
  resources: Deployment["deployment"]["resources"],
): Promise<void> {
  const guests = new Set(works.map(({ guest }) => guest));
  const targets = resources
    .filter(({ urn }) => isGuest(urn) && guests.has(nameOf(urn)))
    .flatMap(({ urn }) => ["--target", urn]);
  const { code, output, messages } = await runPulumi(project, stack, [
    "refresh",
    "--yes",
    "--skip-preview",
    ...targets,
  ]);
  if (code !== 0) throw new StackError(`The state could not be refreshed:\n${output}${messages}`.trim());
}
