import type { Descriptors } from "../shell/redirect.ts";
import { dispatch } from "../shell/dispatch.ts";
import { Shell } from "../shell/shell.ts";
import { ShellState } from "../shell/shell-state.ts";
import { ExitSignal } from "../shell/signals.ts";
import type { World } from "../world.ts";
import { guestMachine } from "./guest-machine.ts";

const environment = {
  HOME: "/root",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  TERM: "linux",
  container: "lxc",
};

/** Runs a command inside a guest as root, and returns its exit status. */
export async function runInGuest(
  world: World,
  vmid: number,
  words: readonly string[],
  io: Descriptors,
  aborted = new AbortController().signal,
): Promise<number> {
  const shell = new Shell(guestMachine(world, vmid), ShellState.begin(environment, "/"), aborted);
  try {
    return await dispatch(shell, words, { io, line: 1 });
  } catch (error) {
    if (error instanceof ExitSignal) return error.status;
    throw error;
  }
}
