import { permissionError } from "../access/permissions.ts";
import { runBulkAction } from "../guest/bulk.ts";
import type { Context, Handlers } from "../handlers.ts";
import { downTimeout } from "../node/bulk-actions.ts";

/** One thing for many guests of the cluster, in one task. */
export const clusterBulkActionHandlers: Handlers = {
  "POST /cluster/bulk-action/guest/start": ({ vms, "max-workers": workers, timeout }, context) => {
    requireOnAll(context, "VM.PowerMgmt", vms);
    return runBulkAction(context, {
      name: "start",
      verb: "Starting",
      failure: "Some guests failed to start:",
      vms,
      workers: workersOf(context, workers, 4),
      skip: ({ status, paused = false }) => (status === "running" && !paused ? "already running." : undefined),
      request: ({ type, paused = false }) => ({
        action: paused ? "status/resume" : "status/start",
        parameters: type === "qemu" && !paused && timeout !== undefined ? { timeout } : {},
      }),
    });
  },
  "POST /cluster/bulk-action/guest/shutdown": (parameters, context) => {
    const { vms, "max-workers": workers, timeout, "force-stop": forceStop = true } = parameters;
    requireOnAll(context, "VM.PowerMgmt", vms);
    return runBulkAction(context, {
      name: "shutdown",
      verb: "Shutting down",
      failure: "Some guests failed to shutdown",
      reverse: true,
      vms,
      workers: workersOf(context, workers, 4),
      skip: ({ status, paused = false }) => {
        if (status !== "running") return "not running.";
        return paused && !forceStop ? "resume paused VM before shutdown." : undefined;
      },
      request: (guest) => {
        const seconds = /(?:^|,)down=/.test(guest.config["startup"] ?? "") ? downTimeout(guest) : (timeout ?? 180);
        return {
          action: "status/shutdown",
          parameters: { forceStop, timeout: seconds },
          note: `(Timeout = ${seconds} seconds)`,
        };
      },
    });
  },
  "POST /cluster/bulk-action/guest/suspend": (parameters, context) => {
    const { vms, "max-workers": workers, "to-disk": todisk = false, statestorage } = parameters;
    requireOnAll(context, "VM.PowerMgmt", vms);
    if (todisk) {
      requireOnAll(context, "VM.Config.Disk", vms);
      if (statestorage !== undefined) {
        context.world.require(context.session, `/storage/${statestorage}`, "Datastore.AllocateSpace");
      }
    }
    return runBulkAction(context, {
      name: "suspend",
      verb: "Suspending",
      failure: "Some guests failed to suspend",
      reverse: true,
      vms,
      workers: workersOf(context, workers, 4),
      skip: ({ type, status }) => {
        if (type !== "qemu") return "only VMs can be suspended";
        return status === "running" ? undefined : "not running.";
      },
      request: () => ({
        action: "status/suspend",
        parameters: { todisk, ...(todisk && statestorage !== undefined ? { statestorage } : {}) },
      }),
    });
  },
  "POST /cluster/bulk-action/guest/migrate": (parameters, context) => {
    const { vms, "max-workers": workers, target, online, "with-local-disks": localDisks } = parameters;
    requireOnAll(context, "VM.Migrate", vms);
    const withDisks = localDisks === undefined ? {} : { "with-local-disks": localDisks };
    return runBulkAction(context, {
      name: "migrate",
      verb: "Migrating",
      suffix: `to ${target}`,
      failure: "Some guests failed to migrate",
      unordered: true,
      vms,
      workers: workersOf(context, workers, 1),
      skip: ({ node }) => (node === target ? `already on ${node}, skipping.` : undefined),
      request: ({ type }) => ({
        action: "migrate",
        parameters: {
          target,
          ...(online === undefined ? {} : { [type === "lxc" ? "restart" : "online"]: online }),
          ...(type === "qemu" ? withDisks : {}),
        },
      }),
    });
  },
};

function requireOnAll({ world, session }: Context, privilege: string, vms: readonly number[] = []): void {
  for (const vmid of vms) world.require(session, `/vms/${vmid}`, privilege);
  if (vms.length === 0 && !world.may(session, "/", privilege)) throw permissionError(`/, ${privilege}`);
}

/** How many guests are worked on at a time: as asked for, or as the datacenter's options say. */
function workersOf({ world }: Context, asked: number | undefined, otherwise: number): number {
  return asked ?? Number(world.state.datacenter["max_workers"] ?? otherwise);
}
