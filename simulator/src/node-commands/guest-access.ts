import { posix } from "node:path";
import { ApiError } from "../api-error.ts";
import { runInGuest } from "../guest-commands/run-in-guest.ts";
import { guestFileSystem } from "../guest-commands/guest-files.ts";
import { CommandError, type Call } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import { applyMode } from "../shell/programs/modes.ts";
import type { Site } from "./command-tree.ts";

/** `pct exec VMID -- COMMAND` */
export async function execInContainer(call: Call, { world, node }: Site): Promise<number> {
  const [id = "", ...rest] = call.args.filter((arg, index) => index > 1 || !arg.startsWith("--keep-env"));
  const words = rest[0] === "--" ? rest.slice(1) : rest;
  const vmid = Number(id);
  if (world.guest("lxc", node, vmid).status !== "running") throw new ApiError(500, `container '${vmid}' not running!`);
  if (words.length === 0) throw new ApiError(400, "not enough arguments");
  const outputs = new Map([
    [1, { write: call.out }],
    [2, { write: call.err }],
  ]);
  return runInGuest(world, vmid, words, { input: call.input, outputs });
}

/** `pct push VMID FILE DESTINATION` */
export function pushFile(call: Call, { world, node }: Site): number {
  const args = call.args.map((arg) => arg.replace(/^-(?=(?:perms|user|group)\b)/, "--"));
  const { given, operands } = readOptions(args, "", ["perms=", "user=", "group="]);
  const [vmid, source, target] = operandsOf(operands);
  if (world.guest("lxc", node, vmid).status !== "running")
    throw new ApiError(500, "can only push files to a running CT");
  const path = posix.resolve(call.folder, source);
  if (!call.machine.files.exists(path))
    throw new CommandError(`failed to open ${source} for reading: No such file or directory`, 255);
  const { mode } = call.machine.files.stat(path);
  const files = guestFileSystem(world, vmid);
  files.write(target, call.machine.files.read(path), mode);
  files.change(target, {
    mode: applyMode(given.get("perms") ?? mode.toString(8), mode, false),
    uid: Number(given.get("user") ?? 0),
    gid: Number(given.get("group") ?? 0),
  });
  return 0;
}

/** `pct pull VMID PATH DESTINATION` */
export function pullFile(call: Call, { world, node }: Site): number {
  const args = call.args.map((arg) => arg.replace(/^-(?=(?:perms|user|group)\b)/, "--"));
  const { given, operands } = readOptions(args, "", ["perms="]);
  const [vmid, source, target] = operandsOf(operands);
  if (world.guest("lxc", node, vmid).status !== "running")
    throw new ApiError(500, "can only pull files from a running CT");
  const mode = applyMode(given.get("perms") ?? "644", 0o644, false);
  call.machine.files.write(posix.resolve(call.folder, target), guestFileSystem(world, vmid).read(source), mode);
  return 0;
}

/** What only makes sense at a terminal. */
export function refuseTerminal({ name }: Call): never {
  throw new CommandError(`the simulator has no terminal for this command of ${name}`, 255);
}

function operandsOf([id, source, target]: readonly string[]): [number, string, string] {
  if (id === undefined || source === undefined || target === undefined) throw new ApiError(400, "not enough arguments");
  return [Number(id), source, target];
}
