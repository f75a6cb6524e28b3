import type { Context, Handlers } from "../handlers.ts";
import { describeService, serviceNames } from "../node/services.ts";

type Command = "start" | "stop" | "restart" | "reload";

/** The services of a node. */
export const nodeServiceHandlers: Handlers = {
  "GET /nodes/{node}/services": ({ node }, { world }) =>
    serviceNames.map((name) => describeService(world.node(node), name)),
  "GET /nodes/{node}/services/{service}/state": ({ node, service }, { world }) =>
    describeService(world.node(node), service),
  "POST /nodes/{node}/services/{service}/start": (target, context) => control("start", target, context),
  "POST /nodes/{node}/services/{service}/stop": (target, context) => control("stop", target, context),
  "POST /nodes/{node}/services/{service}/restart": (target, context) => control("restart", target, context),
  "POST /nodes/{node}/services/{service}/reload": (target, context) => control("reload", target, context),
};

/** Without these nobody could start anything again. */
const essential = ["pve-cluster", "pvedaemon", "pveproxy"];

function control(
  command: Command,
  { node: name, service }: { readonly node: string; readonly service: string },
  { world, session }: Context,
): string {
  return world.tasks.start({
    node: name,
    type: `srv${command}`,
    id: service,
    session,
    seconds: 1,
    work: (log) => {
      const { services } = world.node(name);
      if (essential.includes(service) && command === "stop") {
        throw new Error(`invalid service cmd '${service} ${command}': refusing to stop essential service!`);
      }
      const failure = `command 'systemctl ${command} ${service}' failed: exit code`;
      if (services[service] === undefined) {
        log(`Failed to ${command} ${service}.service: Unit ${service}.service not found.`);
        throw new Error(`${failure} 5`);
      }
      if (command === "reload" && services[service] === "stopped") {
        log(`${service}.service is not active, cannot reload.`);
        throw new Error(`${failure} 1`);
      }
      services[service] = command === "stop" ? "stopped" : "running";
      return undefined;
    },
  });
}
