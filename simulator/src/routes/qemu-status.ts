import { ApiError, invalidParameters } from "../api-error.ts";
import { requestFromHa } from "../guest/ha-requests.ts";
import { haStateOf } from "../ha/state.ts";
import type { Context, Handlers } from "../handlers.ts";
import { agentEnabled, bootSystem } from "../qemu/boot.ts";
import { describeMachine, describeProcess } from "../qemu/describe.ts";
import { requireRootFor } from "../qemu/permissions.ts";
import { shutdownProblem, startMachine, stopMachine } from "../qemu/power.ts";
import { act, refuseLocked, requireRunning, type Target } from "./qemu-action.ts";
import { suspend } from "./qemu-suspend.ts";

/** The life of virtual machines: from power on to power off. */
export const qemuStatusHandlers: Handlers = {
  "GET /nodes/{node}/qemu/{vmid}/status/current": ({ node, vmid }, { world }) => {
    const guest = world.guest("qemu", node, vmid);
    const state = haStateOf(world, guest);
    const graphics = guest.config["vga"] ?? "";
    return {
      ...describeMachine(world, guest),
      ...describeProcess(world, guest),
      ha: state === undefined ? { managed: 0 } : { managed: 1, state },
      ...(/^(?:type=)?(?:qxl|virtio)/.test(graphics) ? { spice: 1 as const } : {}),
      ...(graphics.includes("clipboard=vnc") ? { clipboard: "vnc" as const } : {}),
      ...(agentEnabled(guest) ? { agent: 1 as const } : {}),
    };
  },
  "POST /nodes/{node}/qemu/{vmid}/status/start": ({ node, vmid, skiplock = false, ...internal }, context) => {
    const { machine: _, timeout: _timeout, ...rootOnly } = internal;
    requireRootFor(context, { skiplock, ...rootOnly });
    const asked = requestFromHa(context, context.world.guest("qemu", node, vmid), { kind: "start" });
    if (asked !== undefined) return asked;
    return act(context, "qmstart", 2, { node, vmid }, (guest, log) => {
      startMachine(context.world, guest, log, { skiplock });
      return undefined;
    });
  },
  "POST /nodes/{node}/qemu/{vmid}/status/stop": (parameters, context) => {
    const { node, vmid, skiplock = false, keepActive, migratedfrom } = parameters;
    requireRootFor(context, { skiplock, keepActive, migratedfrom });
    const asked = requestFromHa(context, context.world.guest("qemu", node, vmid), { kind: "stop" });
    if (asked !== undefined) {
      if (parameters["overrule-shutdown"] !== true) return asked;
      throw invalidParameters({ "overrule-shutdown": "Not applicable for HA resources." });
    }
    return act(context, "qmstop", 1, { node, vmid }, (guest, log) => {
      if (guest.status !== "running") return undefined;
      if (!skiplock) refuseLocked(guest);
      stopMachine(context.world, guest, log);
      return undefined;
    });
  },
  "POST /nodes/{node}/qemu/{vmid}/status/shutdown": shutDown,
  "POST /nodes/{node}/qemu/{vmid}/status/reset": ({ node, vmid, skiplock = false }, context) => {
    requireRootFor(context, { skiplock });
    requireRunning(context.world, node, vmid);
    return act(context, "qmreset", 1, { node, vmid }, (guest) => {
      if (!skiplock) refuseLocked(guest);
      guest.startedAt ??= context.world.seconds();
      bootSystem(context.world, guest);
      return undefined;
    });
  },
  "POST /nodes/{node}/qemu/{vmid}/status/reboot": ({ node, vmid }, context) => {
    const { world } = context;
    const { paused } = world.guest("qemu", node, vmid);
    if (paused === true) throw new ApiError(500, "VM is paused - cannot shutdown");
    requireRunning(world, node, vmid);
    return act(context, "qmreboot", 6, { node, vmid }, (guest, log) => {
      refuseLocked(guest);
      const problem = shutdownProblem(world, guest);
      if (problem !== undefined) throw new ApiError(500, problem);
      stopMachine(world, guest, log);
      startMachine(world, guest, log);
      return undefined;
    });
  },
  "POST /nodes/{node}/qemu/{vmid}/status/suspend": suspend,
  "POST /nodes/{node}/qemu/{vmid}/status/resume": ({ node, vmid, skiplock = false, nocheck }, context) => {
    const { world } = context;
    requireRootFor(context, { skiplock, nocheck });
    const { config, status } = world.guest("qemu", node, vmid);
    const onDisk = config["lock"] === "suspended";
    if (!onDisk && status !== "running") throw new ApiError(500, `VM ${vmid} not running`);
    return act(context, "qmresume", onDisk ? 5 : 1, { node, vmid }, (guest, log) => {
      if (onDisk) startMachine(world, guest, log, { skiplock });
      else {
        if (!skiplock && guest.config["lock"] !== "backup") refuseLocked(guest);
        guest.paused = false;
      }
      return undefined;
    });
  },
  "PUT /nodes/{node}/qemu/{vmid}/sendkey": ({ node, vmid, skiplock = false }, context) => {
    requireRootFor(context, { skiplock });
    requireRunning(context.world, node, vmid);
    return null;
  },
};

function shutDown(
  parameters: Target & {
    readonly skiplock?: boolean;
    readonly keepActive?: boolean;
    readonly forceStop?: boolean;
    readonly timeout?: number;
  },
  context: Context,
): string {
  const { node, vmid, skiplock = false, keepActive, forceStop = false, timeout = 60 } = parameters;
  const { world } = context;
  requireRootFor(context, { skiplock, keepActive });
  const { status, paused } = world.guest("qemu", node, vmid);
  if (status === "running" && paused === true && !forceStop) throw new ApiError(500, "VM is paused - cannot shutdown");
  const asked = requestFromHa(context, world.guest("qemu", node, vmid), { kind: "stop" });
  if (asked !== undefined) return asked;
  return act(context, "qmshutdown", 4, { node, vmid }, (guest, log) => {
    if (guest.status !== "running") return undefined;
    if (!skiplock) refuseLocked(guest);
    const problem = guest.paused === true ? undefined : shutdownProblem(world, guest);
    if (problem === undefined) {
      stopMachine(world, guest, log);
      return undefined;
    }
    return {
      seconds: problem.endsWith("got timeout") ? Math.max(0, timeout - 4) : 0,
      work: (later) => {
        if (!forceStop) throw new ApiError(500, problem);
        later(
          problem.endsWith("got timeout")
            ? "VM still running - terminating now with SIGTERM"
            : "VM quit/powerdown failed - terminating now with SIGTERM",
        );
        stopMachine(world, world.guest("qemu", node, vmid), later);
        return undefined;
      },
    };
  });
}
