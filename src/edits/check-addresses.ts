import type { HomelabPlan } from "../plan/plan.ts";
import type { Built, BuiltGuest } from "../state/built.ts";
import type { RefusedEdit } from "./edit.ts";

/**
 * Refuses an address that another guest has until this run gives it another one: both would have it for a moment, and for good if
 * the run stops in between.
 */
export function checkAddresses(
  { containers, machines }: Pick<HomelabPlan, "containers" | "machines">,
  { guests }: Built,
): RefusedEdit[] {
  const wanted = [
    ...containers.map((guest) => ({ kind: "container" as const, guest })),
    ...machines.map((guest) => ({ kind: "machine" as const, guest })),
  ];
  return wanted.flatMap(({ kind, guest: { name, vmid, network } }): RefusedEdit[] => {
    const isOwn = (built: BuiltGuest) => built.kind === kind && built.name === name;
    const address = withoutPrefix(network.address);
    const has = (built: BuiltGuest) => withoutPrefix(built.settings.address ?? "") === address;
    // The state says that it has the address: nothing changes.
    if (guests.some((built) => isOwn(built) && has(built))) return [];
    const holder = guests.find((built) => !isOwn(built) && built.vmid !== vmid && has(built));
    if (holder === undefined) return [];
    const next = wanted.find((other) => other.kind === holder.kind && other.guest.name === holder.name)?.guest.network
      .address;
    const until = next === undefined ? "until it is deleted" : `until this run has given it ${withoutPrefix(next)}`;
    return [
      {
        path: [`${kind}s`, name, "address"],
        problem: `The ${holder.kind} ${holder.name} has the address ${address} ${until}. For a moment both would have it, and for good if the run stops in between.`,
        remedy: `Two runs: give ${name} a free address first, or leave it as it is, and run npm run up; then give it ${address}.`,
      },
    ];
  });
}

function withoutPrefix(address: string): string {
  return address.split("/")[0] ?? "";
}
