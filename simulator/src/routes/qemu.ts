import type { Handlers } from "../handlers.ts";
import { describeMachine } from "../qemu/describe.ts";

export { describeMachine } from "../qemu/describe.ts";

/** Virtual machines. */
export const qemuHandlers: Handlers = {
  "GET /nodes/{node}/qemu": ({ node }, { world, session }) =>
    Object.values(world.state.guests)
      .filter((guest) => guest.node === node && guest.type === "qemu")
      .filter(({ vmid }) => world.may(session, `/vms/${vmid}`, "VM.Audit"))
      .map((guest) => describeMachine(world, guest)),
};
