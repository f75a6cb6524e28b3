import type { Handlers } from "../handlers.ts";
import { describeMachine } from "../qemu/describe.ts";
import { qemuConfigHandlers } from "./qemu-config.ts";
import { createMachine } from "./qemu-create.ts";
import { destroyMachine } from "./qemu-destroy.ts";
import { qemuStatusHandlers } from "./qemu-status.ts";

/** Virtual machines. */
export const qemuHandlers: Handlers = {
  ...qemuConfigHandlers,
  ...qemuStatusHandlers,
  "GET /nodes/{node}/qemu": ({ node }, { world, session }) =>
    Object.values(world.state.guests)
      .filter((guest) => guest.node === node && guest.type === "qemu")
      .filter(({ vmid }) => world.may(session, `/vms/${vmid}`, "VM.Audit"))
      .map((guest) => describeMachine(world, guest)),
  "POST /nodes/{node}/qemu": createMachine,
  "DELETE /nodes/{node}/qemu/{vmid}": destroyMachine,
};
