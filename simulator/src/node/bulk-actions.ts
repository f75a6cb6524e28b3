import { permissionError } from "../access/permissions.ts";
import { ApiError } from "../api-error.ts";
import { actOn, type GuestAction } from "../guest/actions.ts";
import type { Context } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { parsePropertyString } from "../property-string.ts";
import type { Guest } from "../state/guest.ts";
import type { Log, Step } from "../tasks.ts";
import type { World } from "../world.ts";

/** One thing to do to some of a node's guests. */
export interface BulkAction {
  readonly action: GuestAction;
  /** What the task's log says before each. */
  readonly announce: (guest: Guest) => string;
  readonly parameters: (guest: Guest) => Readonly<Record<string, unknown>>;
  /** How long the task waits for the guests' own tasks, in seconds. */
  readonly seconds: number;
}

/**
 * Who does something to many guests needs the privilege on all guests, or on each that is named.
 * @throws {ApiError} 403
 */
export function requireOnGuests({ world, session }: Context, privilege: string, vms: string | undefined): void {
  if (world.may(session, "/", privilege)) return;
  const wanted = splitList(vms);
  if (wanted.length === 0) throw permissionError(`/, ${privilege}`);
  for (const vmid of wanted) world.require(session, `/vms/${vmid}`, privilege);
}

/** The guests of a node, in the order of their `startup` settings; without a list, HA cares for its own. */
export function guestsInOrder({ state }: World, node: string, vms: string | undefined): Guest[] {
  const wanted = splitList(vms).map(Number);
  return Object.values(state.guests)
    .filter((guest) => guest.node === node && guest.config["template"] !== "1")
    .filter(({ vmid }) => wanted.length === 0 || wanted.includes(vmid))
    .filter((guest) => wanted.length > 0 || !isManaged(state.sections.haResources, guest))
    .sort((a, b) => orderOf(a) - orderOf(b) || a.vmid - b.vmid);
}

/** The work of a task that does something to guests, each in a task of its own. */
export function workOn(
  context: Context,
  choose: () => readonly Guest[],
  { action, announce, parameters, seconds }: BulkAction,
): (log: Log) => Step | undefined {
  return (log) => {
    const guests = choose();
    if (guests.length === 0) return undefined;
    for (const guest of guests) {
      log(announce(guest));
      try {
        actOn(guest, action, parameters(guest), context);
      } catch (error) {
        // One guest's trouble is not the others'.
        if (!(error instanceof ApiError)) throw error;
        log(error.message);
      }
    }
    return { seconds, work: () => undefined };
  };
}

/** `CT 101`, `VM 200` */
export function titleOf({ type, vmid }: Guest): string {
  return `${type === "lxc" ? "CT" : "VM"} ${vmid}`;
}

/** How long a guest may take to go down, in seconds. */
export function downTimeout({ type, config }: Guest): number {
  const { down } = startupOf(config["startup"]);
  return down === undefined ? (type === "lxc" ? 60 : 180) : Number(down);
}

function orderOf({ config }: Guest): number {
  const { order } = startupOf(config["startup"]);
  return order === undefined ? Number.MAX_SAFE_INTEGER : Number(order);
}

function startupOf(text = ""): Readonly<Record<string, string>> {
  const key = { type: "string", optional: true } as const;
  const parsed = parsePropertyString({ order: { ...key, defaultKey: true }, up: key, down: key }, text);
  return typeof parsed === "string" ? {} : parsed;
}

function isManaged(resources: Readonly<Record<string, unknown>>, { type, vmid }: Guest): boolean {
  return resources[`${type === "lxc" ? "ct" : "vm"}:${vmid}`] !== undefined;
}
