import type { Handlers } from "../handlers.ts";
import { describeMachine } from "../qemu/describe.ts";
import { qemuAgentHandlers } from "./qemu-agent.ts";
import { cloneMachine } from "./qemu-clone.ts";
import { qemuConfigHandlers } from "./qemu-config.ts";
import { createMachine } from "./qemu-create.ts";
import { destroyMachine } from "./qemu-destroy.ts";
import { qemuDiskHandlers } from "./qemu-disks.ts";
import { qemuMigrateHandlers } from "./qemu-migrate.ts";
import { qemuSnapshotHandlers } from "./qemu-snapshots.ts";
import { qemuStatusHandlers } from "./qemu-status.ts";

/** Virtual machines. */
export const qemuHandlers: Handlers = {
  ...qemuAgentHandlers,
  ...qemuConfigHandlers,
  ...qemuDiskHandlers,
  ...qemuMigrateHandlers,
  ...qemuSnapshotHandlers,
  ...qemuStatusHandlers,
  "GET /nodes/{node}/qemu": ({ node }, { world, session }) =>
    Object.values(world.state.guests)
      .filter((guest) => guest.node === node && guest.type === "qemu")
      .filter(({ vmid }) => world.may(session, `/vms/${vmid}`, "VM.Audit"))
      .map((guest) => describeMachine(world, guest)),
  "POST /nodes/{node}/qemu": createMachine,
  "DELETE /nodes/{node}/qemu/{vmid}": destroyMachine,
  "POST /nodes/{node}/qemu/{vmid}/clone": cloneMachine,
};
