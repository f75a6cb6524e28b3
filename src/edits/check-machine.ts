import type { MachinePlan } from "../plan/machines.ts";
import type { BuiltMachine } from "../state/built.ts";
import { shrunk } from "./check-container.ts";
import { checkNode, type MovedGuest } from "./check-node.ts";
import { doneOnNode, type RefusedEdit } from "./edit.ts";

/** Refuses edits of a machine that the provider would only do by deleting it, or that fail on the way. */
export function checkMachine(plan: MachinePlan, built: BuiltMachine): RefusedEdit[] {
  return [
    ...checkSizes(plan, built),
    // It is moved with the disks that it has; what else is to become of them is done on the other node.
    ...(plan.node === built.node ? checkMissing(plan, built) : checkNode(movedMachine(plan, built))),
  ];
}

function movedMachine({ name, node, systemDisk, dataDisks }: MachinePlan, built: BuiltMachine): MovedGuest {
  const wanted = [systemDisk, ...dataDisks];
  return {
    ...{ name, node, built },
    volumes: built.disks.map(({ slot, storage: from, sizeGib }) => ({
      ...{ from, to: wanted.find((disk) => disk.interface === slot)?.storage ?? from, sizeGib },
    })),
  };
}

function checkSizes({ name, systemDisk, dataDisks }: MachinePlan, { disks }: BuiltMachine): RefusedEdit[] {
  return [systemDisk, ...dataDisks].flatMap(({ interface: slot, sizeGib }) => {
    const there = disks.find((disk) => disk.slot === slot);
    if (there === undefined || sizeGib >= there.sizeGib) return [];
    const path = slot === systemDisk.interface ? ["disk"] : ["disks", slot];
    return [shrunk(["machines", name, ...path, "size"], `disk ${slot} of ${name}`, there.sizeGib)];
  });
}

/** A disk that the state has and the inventory lacks: it is detached, and its data stays. */
function checkMissing({ name, vmid, node, systemDisk, dataDisks }: MachinePlan, built: BuiltMachine): RefusedEdit[] {
  const wanted = new Set([systemDisk, ...dataDisks].map((disk) => disk.interface));
  return built.disks
    .filter(({ slot }) => !wanted.has(slot))
    .map(({ slot, sizeGib, storage }) => {
      const problem = `The machine ${name} has a data disk ${slot} (${sizeGib} GiB on ${storage}) that the inventory lacks.`;
      // Its protection holds for its disks, too.
      const detach = `qm set ${vmid} --protection 0 && qm set ${vmid} --delete ${slot}; ended=$?; qm set ${vmid} --protection 1 && (exit $ended)`;
      const command = `case $(qm status ${vmid}) in *running*) qm shutdown ${vmid} --timeout 300;; esac && ${detach}`;
      const cost = "with a restart; the disk is detached and kept as an unused disk, with its data";
      return doneOnNode(["machines", name, "disks"], problem, {
        ...{ guest: name, urn: built.urn, cost, commands: [{ node, command }], needs: [] },
      });
    });
}
