import type { Handlers } from "../handlers.ts";
import { checkpointContainer, rebootContainer, shutDownContainer, startContainer, stopContainer } from "../lxc/life.ts";
import { describeStatus } from "../lxc/status.ts";

/** What containers do, and what is asked of them. */
export const lxcStatusHandlers: Handlers = {
  "GET /nodes/{node}/lxc/{vmid}/status/current": ({ node, vmid }, { world }) =>
    describeStatus(world, world.guest("lxc", node, vmid)),
  "POST /nodes/{node}/lxc/{vmid}/status/start": startContainer,
  "POST /nodes/{node}/lxc/{vmid}/status/stop": stopContainer,
  "POST /nodes/{node}/lxc/{vmid}/status/shutdown": shutDownContainer,
  "POST /nodes/{node}/lxc/{vmid}/status/reboot": rebootContainer,
  "POST /nodes/{node}/lxc/{vmid}/status/suspend": (parameters, context) =>
    checkpointContainer("suspend", parameters, context),
  "POST /nodes/{node}/lxc/{vmid}/status/resume": (parameters, context) =>
    checkpointContainer("resume", parameters, context),
};
