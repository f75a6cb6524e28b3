import type { MachinePlan } from "../plan/machines.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { Built } from "../state/built.ts";
import { renderCommands, type RefusedEdit } from "./edit.ts";

/**
 * Moves what cloud-init reads in a machine off a storage that leaves the inventory: Proxmox VE reads it at each start, and the
 * provider would replace the machine for another place of it.
 */
export function checkUserData(
  { machines, storages }: Pick<HomelabPlan, "machines" | "storages">,
  built: Built,
): RefusedEdit[] {
  return machines.flatMap((machine): RefusedEdit[] => {
    const own = built.guests.find(({ kind, name }) => kind === "machine" && name === machine.name);
    const [from = "", file = ""] = own?.settings.userData?.split(":") ?? [];
    if (machine.kind !== "cloud" || file === "" || storages.some(({ name }) => name === from)) return [];
    const to = machine.userData.storage;
    const isThere =
      built.storages.some(({ name }) => name === to) ||
      storages.some(({ name, origin }) => name === to && origin === "installer");
    return [moveUserData(machine, { urn: own?.urn ?? "", from, file, to, isThere })];
  });
}

interface Move {
  readonly urn: string;
  readonly from: string;
  readonly file: string;
  readonly to: string;
  readonly isThere: boolean;
}

function moveUserData({ name, node, vmid }: MachinePlan, { urn, from, file, to, isThere }: Move): RefusedEdit {
  const path = ["storage", from];
  const problem = `The machine ${name} reads its user data from ${from} whenever it starts, and the inventory lacks that storage.`;
  if (!isThere) {
    const remedy = `Put the entry back, and run npm run up, which creates ${to}. Then remove the entry.`;
    return { path, problem, remedy };
  }
  const copy = `cp "$(pvesm path ${from}:${file})" "$(pvesm path ${to}:${file})"`;
  const commands = [{ node, command: `${copy} && qm set ${vmid} --cicustom user=${to}:${file}` }];
  return {
    path,
    problem,
    remedy: `npm run up lets Proxmox VE move it to ${to} first, without a restart:\n  ${renderCommands(commands)}\nOr run that yourself: npm run up then lets the state follow.`,
    onNode: { guest: name, urn, cost: "without a restart", commands, needs: [] },
  };
}
