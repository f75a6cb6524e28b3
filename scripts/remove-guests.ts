import { Deployment } from "../src/adopt/engine-files.ts";
import { checkRemovals, describeLoss } from "../src/edits/check-removals.ts";
import { checkVmids } from "../src/edits/check-vmids.ts";
import { loadEdited } from "../src/edits/load-edited.ts";
import { removeVariable } from "../src/edits/variables.ts";
import { runPulumi } from "./pulumi-command.ts";
import { readGuests, withServer } from "./stack-server.ts";
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
 * @throws {InventoryError} if a name is in the inventory, the stack has created no such guest, or another guest has its VMID now
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
  const { located, built, renames } = loadEdited(project, resources);
  const { inventory } = located;
  located.refuse(checkRemovals(inventory, built, new Set(names), renames));
  const gone = built.guests.filter(({ name }) => names.includes(name));
  await withServer(stack, await readStackSettings(project, stack), async ({ api, put }) => {
    // Whatever is lifted below belongs to our guest only while it still has its VMID.
    located.refuse(checkVmids({ inventory, built, existing: await readGuests(api) }));
    for (const guest of gone)
      say(`The ${guest.kind} ${guest.name} is deleted with everything in it: ${describeLoss(guest)}.\n`);
    for (const guest of gone) {
      await unprotect(project, stack, guest.urn);
      // Proxmox VE refuses to delete a machine with protection, and the provider does not lift it.
      if (guest.kind === "machine") await put(`/nodes/${guest.node}/qemu/${guest.vmid}/config`, { protection: "0" });
    }
  });
  process.env[removeVariable] = names.join(",");
}

async function unprotect(project: string, stack: string, urn: string): Promise<void> {
  const { code, messages } = await runPulumi(project, stack, ["state", "unprotect", urn, "--yes"]);
  if (code !== 0) throw new StackError(`Pulumi does not lift the protection of ${urn}:\n${messages.trim()}`);
}
