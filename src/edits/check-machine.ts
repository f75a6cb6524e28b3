import type { MachinePlan } from "../plan/machines.ts";
import type { BuiltMachine } from "../state/built.ts";
import { shrunk } from "./check-container.ts";
import { renderCommands, type RefusedEdit } from "./edit.ts";

/** Refuses edits of a machine that the provider would only do by deleting it, or that fail on the way. */
export function checkMachine(plan: MachinePlan, built: BuiltMachine): RefusedEdit[] {
  return [...checkNode(plan, built), ...checkSizes(plan, built), ...checkMissing(plan, built)];
}

function checkNode({ name, node }: MachinePlan, built: BuiltMachine): RefusedEdit[] {
  if (node === built.node) return [];
  const migrate = { node: built.node, command: `qm migrate ${built.vmid} ${node} --online --with-local-disks` };
  return [
    {
      path: ["machines", name, "node"],
      problem: `The machine ${name} is on ${built.node}. The program cannot move it yet: the provider would delete it there and create an empty one on ${node}.`,
      remedy: `Let Proxmox VE move it (add --targetstorage if its storage has another name there):\n  ${renderCommands([migrate])}\nThen run npm run pulumi -- refresh, npm run adopt, and npm run up.`,
    },
  ];
}

function checkSizes({ name, systemDisk, dataDisks }: MachinePlan, { disks }: BuiltMachine): RefusedEdit[] {
  return [systemDisk, ...dataDisks].flatMap(({ interface: slot, sizeGib }) => {
    const there = disks.find((disk) => disk.slot === slot);
    if (there === undefined || sizeGib >= there.sizeGib) return [];
    const path = slot === systemDisk.interface ? ["disk"] : ["disks", slot];
    return [shrunk(["machines", name, ...path, "size"], `disk ${slot} of ${name}`, there.sizeGib)];
  });
}

function checkMissing({ name, vmid, node, systemDisk, dataDisks }: MachinePlan, built: BuiltMachine): RefusedEdit[] {
  const wanted = new Set([systemDisk, ...dataDisks].map((disk) => disk.interface));
  return built.disks
    .filter(({ slot }) => !wanted.has(slot))
    .map(({ slot, sizeGib, storage }) => ({
      path: ["machines", name, "disks"],
      problem: `The machine ${name} has a data disk ${slot} (${sizeGib} GiB on ${storage}) that the inventory lacks. It would be deleted with everything on it.`,
      remedy: `Put the lines back. To detach the disk and keep its data as an unused disk:\n  ${renderCommands([
        { node, command: `qm set ${vmid} --protection 0` },
        { node, command: `qm set ${vmid} --delete ${slot}` },
      ])}\nThen run npm run pulumi -- refresh, and npm run up again.`,
    }));
}
