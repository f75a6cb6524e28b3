import { unlockedGuest } from "../guest/lock.ts";
import { listSnapshots, showSnapshot } from "../guest/snapshot-views.ts";
import { copyOf, deleteSnapshot, findSnapshot, rollBack, takeSnapshot } from "../guest/snapshots.ts";
import type { Handlers } from "../handlers.ts";
import { bringDown, startAsTask } from "../lxc/life.ts";

const type = "lxc";

/** Snapshots of containers. */
export const lxcSnapshotHandlers: Handlers = {
  "GET /nodes/{node}/lxc/{vmid}/snapshot": ({ node, vmid }, { world }) => listSnapshots(world.guest(type, node, vmid)),
  "POST /nodes/{node}/lxc/{vmid}/snapshot": ({ node, vmid, snapname, description }, context) => {
    context.world.guest(type, node, vmid);
    return takeSnapshot({ type, node, vmid, snapname }, description, context);
  },
  "DELETE /nodes/{node}/lxc/{vmid}/snapshot/{snapname}": ({ node, vmid, snapname, force = false }, context) => {
    context.world.guest(type, node, vmid);
    return deleteSnapshot({ type, node, vmid, snapname }, force, context);
  },
  "GET /nodes/{node}/lxc/{vmid}/snapshot/{snapname}": () => [{ cmd: "rollback" }, { cmd: "config" }],
  "GET /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config": ({ node, vmid, snapname }, { world }) =>
    showSnapshot(world.guest(type, node, vmid), snapname),
  "PUT /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/config": ({ node, vmid, snapname, description }, { world }) => {
    if (description === undefined) return null;
    const guest = unlockedGuest(world, type, node, vmid);
    guest.snapshots[snapname] = { ...copyOf(findSnapshot(guest, snapname)), description };
    return null;
  },
  "POST /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback": ({ node, vmid, snapname, start = false }, context) => {
    context.world.guest(type, node, vmid);
    return rollBack({ type, node, vmid, snapname }, context, {
      stop: bringDown,
      afterRollback: () => {
        if (start) startAsTask({ node, vmid }, context);
      },
    });
  },
};
