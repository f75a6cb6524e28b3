import type { Inventory } from "../inventory/inventory.ts";
import type { Built, BuiltGuest } from "../state/built.ts";
import type { RefusedEdit } from "./edit.ts";
import type { Rename } from "./find-renames.ts";
import { today } from "./listed-removals.ts";

/**
 * Refuses an inventory that lacks guests which the stack has created: they would be deleted with everything in them. The names of
 * those that may go come from the command line: `npm run up -- --remove grafana`.
 */
export function checkRemovals(
  { containers, machines, removals }: Inventory,
  { guests }: Built,
  removed: ReadonlySet<string>,
  renames: readonly Rename[] = [],
): RefusedEdit[] {
  const kinds = { container: containers, machine: machines };
  const gone = guests.filter(({ kind, name }) => !Object.hasOwn(kinds[kind], name));
  const unnamed = gone.filter(({ name, disposable }) => !disposable && !removed.has(name));
  const unknown = [...removed].filter((name) => !gone.some((guest) => guest.name === name));
  return [
    ...unnamed.map((guest): RefusedEdit => ({
      path: [`${guest.kind}s`, guest.name],
      problem: `The ${guest.kind} ${guest.name} is not in the inventory any more, and would be deleted: ${describeLoss(guest)}.`,
      remedy: `${describeLine(removals, guest.name)}Put the entry back. If it has another name now, write vmid: ${guest.vmid} in its new entry. To delete the guest with everything in it: npm run up -- --remove ${guest.name}, or a line in removals.yaml for pipelines.`,
    })),
    ...unknown.map((name): RefusedEdit => {
      const rename = renames.find(({ from }) => from === name);
      if (rename !== undefined) return keepsVmid(rename);
      const [file] = Object.hasOwn(machines, name) ? ["machines"] : ["containers"];
      const isThere = Object.hasOwn(containers, name) || Object.hasOwn(machines, name);
      return {
        path: [file, name],
        at: "key",
        problem: isThere
          ? `--remove names ${name}, and ${name} is in the inventory.`
          : `--remove names ${name}, and the stack has created no guest of that name.`,
        remedy: isThere ? "Remove its entry, or leave out --remove." : "Correct the name, or leave out --remove.",
      };
    }),
  ];
}

/** What removals.yaml says of it. */
function describeLine(removals: Inventory["removals"], name: string): string {
  const until = Object.hasOwn(removals, name) ? removals[name]?.until : undefined;
  if (until === undefined) return "";
  return until < today()
    ? `removals.yaml allowed that until ${until}. `
    : "removals.yaml allows that to npm run up and npm run ci:deploy only. ";
}

function keepsVmid({ kind, from, to }: Rename): RefusedEdit {
  return {
    path: [`${kind}s`, to],
    at: "key",
    problem: `--remove names ${from}, and ${to} has its VMID, so that ${to} is ${from} with all of its data under another name.`,
    remedy: `If ${to} is to be a new, empty guest: take its entry out, run npm run up -- --remove ${from}, and then add it.`,
  };
}

/** `VMID 20010 on pve-01, root disk 8 GiB on local-zfs, /srv 20 GiB on fast` */
export function describeLoss(guest: BuiltGuest): string {
  const volumes =
    guest.kind === "container"
      ? [
          ...(guest.rootDisk === undefined
            ? []
            : [`root disk ${guest.rootDisk.sizeGib} GiB on ${guest.rootDisk.storage}`]),
          ...(guest.mountPoints ?? []).map(({ path, sizeGib, storage }) => `${path} ${sizeGib} GiB on ${storage}`),
        ]
      : guest.disks.map(({ slot, sizeGib, storage }) => `${slot} ${sizeGib} GiB on ${storage}`);
  return [`VMID ${guest.vmid} on ${guest.node}`, ...volumes].join(", ");
}
