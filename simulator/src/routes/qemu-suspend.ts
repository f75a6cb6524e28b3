import { ApiError } from "../api-error.ts";
import { allocateVolume } from "../guest/volumes.ts";
import { haStateOf } from "../ha/state.ts";
import type { Context } from "../handlers.ts";
import { machineOf, memoryOf } from "../qemu/describe.ts";
import { requireRootFor } from "../qemu/permissions.ts";
import { stopMachine } from "../qemu/power.ts";
import { stateStorage } from "../qemu/state-volume.ts";
import { act, refuseLocked, requireRunning, type Target } from "./qemu-action.ts";

/** `POST …/status/suspend`: pauses, or writes the memory to a volume and ends. */
export function suspend(
  parameters: Target & {
    readonly skiplock?: boolean;
    readonly todisk?: boolean;
    readonly statestorage?: string;
  },
  context: Context,
): string {
  const { node, vmid, skiplock = false, todisk = false, statestorage } = parameters;
  const { world, session } = context;
  requireRootFor(context, { skiplock });
  const guest = requireRunning(world, node, vmid);
  if (!todisk) {
    return act(context, "qmpause", 1, parameters, (pausing) => {
      if (!skiplock && pausing.config["lock"] !== "backup") refuseLocked(pausing);
      pausing.paused = true;
      return undefined;
    });
  }
  if (haStateOf(world, guest) !== undefined) {
    throw new ApiError(500, "Cannot suspend HA managed VM to disk");
  }
  world.require(session, `/vms/${vmid}`, "VM.Config.Disk");
  if (Object.keys(guest.config).some((name) => /^hostpci\d+$/.test(name))) {
    throw new ApiError(
      500,
      "cannot suspend VM to disk due to passed-through PCI device(s), which lack the possibility to save/restore their internal state",
    );
  }
  const storage = statestorage ?? stateStorage(world, guest);
  world.require(session, `/storage/${storage}`, "Datastore.AllocateSpace");
  return act(context, "qmsuspend", 8, parameters, (suspending, log) => {
    if (!skiplock) refuseLocked(suspending);
    const date = world.clock.now().toISOString().slice(0, 10);
    const { config } = suspending;
    const size = (memoryOf(suspending) * 2 + 500) * 2 ** 20;
    const name = `state-suspend-${date}`;
    config["vmstate"] = allocateVolume(world, { node, storage, vmid, type: "qemu", size, format: "raw", name });
    config["runningmachine"] = machineOf(suspending);
    log("State saved, quitting");
    stopMachine(world, suspending, log);
    suspending.config["lock"] = "suspended";
    return undefined;
  });
}
