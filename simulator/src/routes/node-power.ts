import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { guestsInOrder, requireOnGuests, titleOf, workOn } from "../node/bulk-actions.ts";
import { startGuests, stopGuests, switchOff, switchOn } from "../node/power.ts";

/** Nodes that go down and up, and all of their guests at once. */
export const nodePowerHandlers: Handlers = {
  "POST /nodes/{node}/status": ({ node, command }, { world }) => {
    switchOff(world, node, command);
    return null;
  },
  "POST /nodes/{node}/startall": ({ node, vms, force }, context) => {
    requireOnGuests(context, "VM.PowerMgmt", vms);
    return startGuests(context, { node, vms, ...(force === undefined ? {} : { force }) });
  },
  "POST /nodes/{node}/stopall": ({ node, vms, timeout, "force-stop": forceStop = true }, context) => {
    requireOnGuests(context, "VM.PowerMgmt", vms);
    return stopGuests(context, { node, vms, timeout, forceStop });
  },
  "POST /nodes/{node}/suspendall": suspendAll,
  "POST /nodes/{node}/migrateall": migrateAll,
  "POST /nodes/{node}/wakeonlan": ({ node: name }, { world }) => {
    const node = world.node(name);
    // The node that answers is the first one.
    if (node.id === 1) throw new ApiError(500, `'${name}' is local node, cannot wake my self!`);
    const mac = node.config["wakeonlan"]?.split(",")[0]?.replace(/^mac=/, "");
    if (mac === undefined) throw new ApiError(500, `No wake on LAN MAC address defined for '${name}'!`);
    if (node.off === true) switchOn(world, name);
    return mac;
  },
};

function suspendAll({ node, vms }: Parameters<"POST /nodes/{node}/suspendall">, context: Context): string {
  const { world, session } = context;
  requireOnGuests(context, "VM.PowerMgmt", vms);
  const choose = () =>
    guestsInOrder(world, node, vms)
      .filter(({ type, status }) => type === "qemu" && status === "running")
      .reverse();
  const work = workOn(context, choose, {
    action: "status/suspend",
    announce: (guest) => `Suspending ${titleOf(guest)}`,
    parameters: () => ({ todisk: true }),
    seconds: 15,
  });
  return world.tasks.start({ node, type: "suspendall", id: "", session, seconds: 1, work });
}

function migrateAll(parameters: Parameters<"POST /nodes/{node}/migrateall">, context: Context): string {
  const { node, target, vms, "with-local-disks": localDisks } = parameters;
  const { world, session } = context;
  requireOnGuests(context, "VM.Migrate", vms);
  if (target === node) throw invalidParameters({ target: "target is local node." });
  if (world.state.nodes[target] === undefined) throw new ApiError(500, `no such cluster node '${target}'`);
  const workers = parameters["max-workers"] ?? parameters.maxworkers ?? world.state.datacenter["max_workers"];
  if (workers === undefined) {
    throw new ApiError(500, "either 'maxworkers' parameter or max_workers in datacenter.cfg must be set!");
  }
  const work = workOn(context, () => guestsInOrder(world, node, vms), {
    action: "migrate",
    announce: (guest) => `Migrating ${titleOf(guest)}`,
    parameters: ({ type, status }) => ({
      target,
      ...(status === "running" ? { [type === "lxc" ? "restart" : "online"]: true } : {}),
      ...(type === "qemu" && localDisks !== undefined ? { "with-local-disks": localDisks } : {}),
    }),
    seconds: 60,
  });
  return world.tasks.start({ node, type: "migrateall", id: "", session, seconds: 1, work });
}
