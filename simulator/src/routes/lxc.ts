import type { Handlers } from "../handlers.ts";
import { cloneContainer } from "../lxc/clone.ts";
import { createContainer } from "../lxc/create.ts";
import { destroyContainer } from "../lxc/destroy.ts";
import { hasFeature } from "../guest/features.ts";
import { findSnapshot } from "../guest/snapshots.ts";
import { interfacesOf } from "../lxc/interfaces.ts";
import { measurementsOf } from "../lxc/measurements.ts";
import { checkMigration, migrateContainer } from "../lxc/migrate.ts";
import { describeContainer } from "../lxc/status.ts";
import { startConversion } from "../lxc/template.ts";
import { lxcConfigHandlers } from "./lxc-config.ts";
import { lxcSnapshotHandlers } from "./lxc-snapshots.ts";
import { lxcStatusHandlers } from "./lxc-status.ts";

/** Linux containers: https://pve.proxmox.com/wiki/Linux_Container */
export const lxcHandlers: Handlers = {
  ...lxcConfigHandlers,
  ...lxcSnapshotHandlers,
  ...lxcStatusHandlers,
  "GET /nodes/{node}/lxc": ({ node }, { world, session }) =>
    Object.values(world.state.guests)
      .filter((guest) => guest.node === node && guest.type === "lxc")
      .filter(({ vmid }) => world.may(session, `/vms/${vmid}`, "VM.Audit"))
      .map((guest) => describeContainer(world, guest)),
  "POST /nodes/{node}/lxc": createContainer,
  "DELETE /nodes/{node}/lxc/{vmid}": destroyContainer,
  "POST /nodes/{node}/lxc/{vmid}/clone": cloneContainer,
  "GET /nodes/{node}/lxc/{vmid}/feature": ({ node, vmid, feature, snapname }, { world }) => {
    const guest = world.guest("lxc", node, vmid);
    const config = snapname === undefined ? guest.config : findSnapshot(guest, snapname).config;
    return { hasFeature: hasFeature(world, guest, config, feature, snapname) ? 1 : 0 };
  },
  "GET /nodes/{node}/lxc/{vmid}/interfaces": ({ node, vmid }, { world }) =>
    interfacesOf(world.guest("lxc", node, vmid)),
  "GET /nodes/{node}/lxc/{vmid}/migrate": ({ node, vmid }, { world }) =>
    checkMigration(world, world.guest("lxc", node, vmid)),
  "POST /nodes/{node}/lxc/{vmid}/migrate": migrateContainer,
  "GET /nodes/{node}/lxc/{vmid}/rrddata": ({ node, vmid, timeframe }, { world }) =>
    measurementsOf(world, world.guest("lxc", node, vmid), timeframe),
  "POST /nodes/{node}/lxc/{vmid}/template": startConversion,
};
