import { unlockedGuest } from "../guest/lock.ts";
import { hasFeature } from "../guest/features.ts";
import { series, wave } from "../guest/rrd.ts";
import { listSnapshots, showSnapshot } from "../guest/snapshot-views.ts";
import { copyOf, deleteSnapshot, findSnapshot, rollBack, takeSnapshot } from "../guest/snapshots.ts";
import type { Handlers, Returns } from "../handlers.ts";
import { stopSystem } from "../qemu/boot.ts";
import { describeMachine } from "../qemu/describe.ts";
import { drivesOf, volumeOf } from "../qemu/drives.ts";
import { startMachine } from "../qemu/power.ts";
import { hiddenPassword } from "../qemu/settings.ts";
import { saveState } from "../qemu/state-volume.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import { isShared, splitVolumeId, type World } from "../world.ts";

/** Snapshots of virtual machines, what their storages can do, and how they did. */
export const qemuSnapshotHandlers: Handlers = {
  "GET /nodes/{node}/qemu/{vmid}/snapshot": ({ node, vmid }, { world }) =>
    listSnapshots(world.guest("qemu", node, vmid)) as Returns<"GET /nodes/{node}/qemu/{vmid}/snapshot">,
  "POST /nodes/{node}/qemu/{vmid}/snapshot": ({ node, vmid, snapname, description, vmstate = false }, context) => {
    const { world } = context;
    world.guest("qemu", node, vmid);
    const save = (guest: Guest, log: (line: string) => void) => saveState(world, guest, snapname, log);
    return takeSnapshot(
      { type: "qemu", node, vmid, snapname },
      description,
      context,
      vmstate ? { saveState: save } : {},
    );
  },
  "GET /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config": ({ node, vmid, snapname }, { world }) => {
    const shown = showSnapshot(world.guest("qemu", node, vmid), snapname);
    return shown["cipassword"] === undefined ? shown : { ...shown, cipassword: hiddenPassword };
  },
  "PUT /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/config": ({ node, vmid, snapname, description }, { world }) => {
    if (description === undefined) return null;
    const guest = unlockedGuest(world, "qemu", node, vmid);
    guest.snapshots[snapname] = { ...copyOf(findSnapshot(guest, snapname)), description };
    return null;
  },
  "DELETE /nodes/{node}/qemu/{vmid}/snapshot/{snapname}": ({ node, vmid, snapname, force = false }, context) => {
    context.world.guest("qemu", node, vmid);
    return deleteSnapshot({ type: "qemu", node, vmid, snapname }, force, context);
  },
  "POST /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback": (parameters, context) => {
    const { node, vmid, snapname, start = false } = parameters;
    const { world, session } = context;
    world.guest("qemu", node, vmid);
    if (start) world.require(session, `/vms/${vmid}`, "VM.PowerMgmt");
    return rollBack({ type: "qemu", node, vmid, snapname }, context, {
      stop: (guest) => {
        stopSystem(guest);
        guest.status = "stopped";
        delete guest.startedAt;
        delete guest.paused;
      },
      afterRollback: (guest, snapshot, log) => {
        if (snapshot.vmstate === true) resumeFrom(world, guest);
        else {
          stopSystem(guest);
          if (start) startMachine(world, guest, log);
        }
      },
    });
  },
  "GET /nodes/{node}/qemu/{vmid}/feature": ({ node, vmid, feature, snapname }, { world }) => {
    const guest = world.guest("qemu", node, vmid);
    const config = snapname === undefined ? guest.config : findSnapshot(guest, snapname).config;
    return {
      hasFeature: hasFeature(world, guest, config, feature, snapname) ? 1 : 0,
      nodes: nodesWith(world, node, config),
    };
  },
  "GET /nodes/{node}/qemu/{vmid}/rrddata": ({ node, vmid, timeframe }, { world }) => {
    const guest = world.guest("qemu", node, vmid);
    return series(world.seconds(), timeframe, measurementsOf(world, guest));
  },
};

/** Goes on where the snapshot's memory was. */
function resumeFrom(world: World, guest: Guest): void {
  guest.status = "running";
  guest.startedAt = world.seconds();
}

/** The nodes that see all disks of a configuration. */
function nodesWith({ state }: World, node: string, config: Section): string[] {
  const storages = drivesOf(config)
    .map(({ drive }) => volumeOf(drive))
    .filter((id) => id !== undefined)
    .map((id) => state.storages[splitVolumeId(id).storage]);
  return Object.keys(state.nodes).filter((name) =>
    storages.every((storage) => {
      if (storage === undefined || storage.config["disable"] === "1") return false;
      const { nodes } = storage.config;
      return nodes === undefined ? isShared(storage) || name === node : nodes.split(",").includes(name);
    }),
  );
}

function measurementsOf(world: World, guest: Guest) {
  const { vmid, startedAt } = guest;
  const { cpus, maxmem, maxdisk, mem } = describeMachine(world, guest);
  const whileRunning = (source: (time: number) => number) => (time: number) =>
    startedAt !== undefined && time >= startedAt ? source(time) : undefined;
  const rate = (name: string, mean: number) => whileRunning(wave(`${vmid}/${name}`, mean));
  return {
    maxcpu: () => cpus,
    maxmem: () => maxmem,
    maxdisk: () => maxdisk,
    disk: () => 0,
    cpu: rate("cpu", 0.05),
    mem: rate("mem", mem),
    memhost: rate("memhost", mem),
    netin: rate("netin", 12_000),
    netout: rate("netout", 9000),
    diskread: rate("diskread", 4000),
    diskwrite: rate("diskwrite", 25_000),
  };
}
