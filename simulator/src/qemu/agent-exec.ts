import { ApiError } from "../api-error.ts";
import { runInGuest } from "../guest-commands/run-in-guest.ts";
import { BufferInput, BufferOutput } from "../shell/streams.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";

/** What `…/agent/exec-status` returns. */
export interface CommandStatus {
  readonly [key: string]: unknown;
  readonly exited: 0 | 1;
  readonly exitcode?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

/** Lets the agent of a machine run a command; returns its PID at once. */
export function startCommand(
  world: World,
  { vmid, inside }: Guest,
  command: readonly string[],
  input: string | Buffer | undefined,
): number {
  if (command.length === 0) throw new ApiError(500, "command or input-data (or both) required");
  const pid = Math.max(1000, ...Object.keys(inside.executions).map(Number)) + 1;
  inside.executions[pid] = { stdout: "", stderr: "" };
  world.schedule(0, () => {
    void run(world, vmid, pid, [...command], input);
  });
  return pid;
}

/**
 * What has become of a command.
 * @throws {ApiError} 500 where the agent has not started it
 */
export function commandStatus({ inside }: Guest, pid: number): CommandStatus {
  const execution = inside.executions[pid];
  if (execution === undefined) throw new ApiError(500, "Agent error: Invalid parameter 'pid'");
  const { exitcode, stdout, stderr } = execution;
  if (exitcode === undefined) return { exited: 0 };
  return {
    exited: 1,
    exitcode,
    ...(stdout === "" ? {} : { "out-data": stdout }),
    ...(stderr === "" ? {} : { "err-data": stderr }),
  };
}

async function run(
  world: World,
  vmid: number,
  pid: number,
  command: readonly string[],
  input: string | Buffer | undefined,
): Promise<void> {
  const [out, err] = [new BufferOutput(), new BufferOutput()];
  const io = {
    input: new BufferInput(input ?? ""),
    outputs: new Map([
      [1, out],
      [2, err],
    ]),
  };
  const exitcode = await runInGuest(world, vmid, command, io);
  world.transaction(() => {
    const guest = world.state.guests[vmid];
    // It may have been removed, or rolled back, meanwhile.
    if (guest?.inside.executions[pid] === undefined) return;
    guest.inside.executions[pid] = { exitcode, stdout: out.text, stderr: err.text };
  });
}
