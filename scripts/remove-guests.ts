import { Deployment } from "../src/adopt/engine-files.ts";
import { typeOf, nameOf } from "../src/adopt/sort-resources.ts";
import { checkRemovals, describeLoss } from "../src/edits/check-removals.ts";
import { removeVariable } from "../src/edits/variables.ts";
import { loadLocatedInventory } from "../src/inventory/load.ts";
import { openConnection, send } from "../src/proxmox/send.ts";
import { trustAuthorities } from "../src/proxmox/trust.ts";
import { readBuilt, type BuiltGuest } from "../src/state/built.ts";
import { runPulumi } from "./pulumi-command.ts";
import { readStackSettings, StackError } from "./stack-settings.ts";

const option = "--remove";

/** Takes `--remove NAME` and `--remove NAME,NAME` out of a command line, and returns the names. */
export function takeRemoved(args: readonly string[]): { readonly names: string[]; readonly rest: string[] } {
  const names: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === option) names.push(...(args[++index] ?? "").split(","));
    else if (arg.startsWith(`${option}=`)) names.push(...arg.slice(option.length + 1).split(","));
    else rest.push(arg);
  }
  return { names: names.filter((name) => name !== ""), rest };
}

/**
 * Lets the next run delete the named guests, which the inventory no longer has: says what goes, lifts the protection in the state,
 * and that of Proxmox VE. A run without the same names still refuses.
 * @throws {InventoryError} if a name is in the inventory, or the stack has created no such guest
 */
export async function allowRemoval(
  project: string,
  stack: string,
  names: readonly string[],
  say: (text: string) => void,
): Promise<void> {
  if (names.length === 0) return;
  const { code, output, messages } = await runPulumi(project, stack, ["stack", "export"]);
  if (code !== 0) throw new StackError(`The state of the stack ${stack} cannot be read:\n${messages.trim()}`);
  const { resources } = Deployment.parse(JSON.parse(output)).deployment;
  const built = readBuilt(resources);
  const located = loadLocatedInventory(project);
  located.refuse(checkRemovals(located.inventory, built, new Set(names)));
  const gone = built.guests.filter(({ name }) => names.includes(name));
  for (const guest of gone)
    say(`The ${guest.kind} ${guest.name} is deleted with everything in it: ${describeLoss(guest)}.\n`);
  for (const guest of gone) {
    const found = resources.find(({ urn }) => nameOf(urn) === guest.name && isGuest(urn));
    if (found !== undefined) await unprotect(project, stack, found.urn);
  }
  await liftProtection(
    project,
    stack,
    gone.filter(({ kind }) => kind === "machine"),
  );
  process.env[removeVariable] = names.join(",");
}

function isGuest(urn: string): boolean {
  return /:(?:ContainerLegacy|VmLegacy)$/.test(typeOf(urn));
}

async function unprotect(project: string, stack: string, urn: string): Promise<void> {
  const { code, messages } = await runPulumi(project, stack, ["state", "unprotect", urn, "--yes"]);
  if (code !== 0) throw new StackError(`Pulumi does not lift the protection of ${urn}:\n${messages.trim()}`);
}

/** Proxmox VE refuses to delete a machine with protection, and the provider does not lift it. */
async function liftProtection(project: string, stack: string, machines: readonly BuiltGuest[]): Promise<void> {
  if (machines.length === 0) return;
  const { endpoint, apiToken, ca, insecure } = await readStackSettings(project, stack);
  if (endpoint === undefined || apiToken === undefined) return;
  const connection = openConnection(endpoint, insecure ? { kind: "anyone" } : trustAuthorities(ca?.pem));
  try {
    for (const { node, vmid } of machines) {
      await send(connection, {
        method: "PUT",
        path: `/nodes/${node}/qemu/${vmid}/config`,
        headers: { authorization: `PVEAPIToken=${apiToken}` },
        parameters: { protection: "0" },
      });
    }
  } finally {
    connection.agent.destroy();
  }
}
