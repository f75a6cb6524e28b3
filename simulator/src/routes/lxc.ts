import { ApiError, invalidParameters } from "../api-error.ts";
import { configDigest, parseMountPoint, printMountPoint, showConfig, storeSetting } from "../container-config.ts";
import type { Handlers, Returns } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { createContainer } from "./lxc-create.ts";
import { interfacesOf } from "./lxc-interfaces.ts";
import { destroyContainer, rebootContainer, startContainer, stopContainer } from "./lxc-life.ts";

/** Linux containers. */
export const lxcHandlers: Handlers = {
  "GET /nodes/{node}/lxc": ({ node }, { world }) => {
    return Object.values(world.state.guests)
      .filter((guest) => guest.node === node && guest.type === "lxc")
      .map((guest) => describeContainer(world, guest));
  },
  "POST /nodes/{node}/lxc": createContainer,
  "DELETE /nodes/{node}/lxc/{vmid}": destroyContainer,
  "GET /nodes/{node}/lxc/{vmid}/config": ({ node, vmid }, { world }) =>
    showConfig(world.guest("lxc", node, vmid).config) as Returns<"GET /nodes/{node}/lxc/{vmid}/config">,
  "PUT /nodes/{node}/lxc/{vmid}/config": ({ node, vmid, digest, delete: remove = "", ...changes }, { world }) => {
    const guest = world.guest("lxc", node, vmid);
    changeConfig(guest, { digest, remove: remove.split(/[,;\s]+/).filter((name) => name !== ""), changes });
    return null;
  },
  // Changes of a container take effect at once here, so that nothing is ever pending.
  "GET /nodes/{node}/lxc/{vmid}/pending": ({ node, vmid }, { world }) =>
    Object.entries(world.guest("lxc", node, vmid).config).map(([key, value]) => ({ key, value })),
  "GET /nodes/{node}/lxc/{vmid}/interfaces": ({ node, vmid }, { world }) =>
    interfacesOf(world.guest("lxc", node, vmid)),
  "PUT /nodes/{node}/lxc/{vmid}/resize": ({ node, vmid, disk, size }, { world, session }) => {
    world.guest("lxc", node, vmid);
    return world.tasks.start({
      node,
      type: "resize",
      id: vmid,
      session,
      seconds: 1,
      work: () => {
        resizeDisk(world, world.guest("lxc", node, vmid), disk, size);
        return undefined;
      },
    });
  },
  "GET /nodes/{node}/lxc/{vmid}/status/current": ({ node, vmid }, { world }) => ({
    ...describeContainer(world, world.guest("lxc", node, vmid)),
    ha: { managed: 0 },
  }),
  "POST /nodes/{node}/lxc/{vmid}/status/start": startContainer,
  "POST /nodes/{node}/lxc/{vmid}/status/stop": (parameters, context) => stopContainer("vzstop", parameters, context),
  "POST /nodes/{node}/lxc/{vmid}/status/shutdown": (parameters, context) =>
    stopContainer("vzshutdown", parameters, context),
  "POST /nodes/{node}/lxc/{vmid}/status/reboot": rebootContainer,
};

/** A container as lists show it. */
export function describeContainer(world: World, { vmid, config, status, startedAt }: Guest) {
  const running = status === "running";
  const maxmem = Number(config["memory"] ?? 512) * 2 ** 20;
  const { lock, tags, template } = config;
  return {
    vmid,
    type: "lxc" as const,
    name: config["hostname"] ?? `CT${vmid}`,
    status,
    cpus: Number(config["cores"] ?? 1),
    cpu: 0,
    maxmem,
    mem: running ? Math.round(maxmem * 0.2) : 0,
    maxswap: Number(config["swap"] ?? 512) * 2 ** 20,
    maxdisk: parseSize(parseMountPoint(config["rootfs"] ?? "")["size"] ?? "0"),
    disk: 0,
    diskread: 0,
    diskwrite: 0,
    netin: 0,
    netout: 0,
    uptime: running && startedAt !== undefined ? Math.max(1, world.seconds() - startedAt) : 0,
    ...(tags === undefined ? {} : { tags }),
    ...(lock === undefined ? {} : { lock }),
    ...(template === "1" ? { template: 1 as const } : {}),
  };
}

function changeConfig(
  guest: Guest,
  {
    digest,
    remove,
    changes,
  }: { digest: string | undefined; remove: string[]; changes: Readonly<Record<string, unknown>> },
): void {
  if (digest !== undefined && digest !== configDigest(guest.config)) {
    throw new ApiError(500, "detected modified configuration - file changed by other user? Try again.");
  }
  if (guest.config["lock"] !== undefined) throw new ApiError(500, `CT is locked (${guest.config["lock"]})`);
  for (const name of remove) {
    if (name in changes) throw invalidParameters({ delete: `duplicate option '${name}'` });
  }
  const config = { ...guest.config };
  for (const name of remove) Reflect.deleteProperty(config, name);
  for (const [name, value] of Object.entries(changes)) config[name] = storeSetting(name, value, config[name]);
  guest.config = config;
}

function resizeDisk(world: World, guest: Guest, disk: string, size: string): void {
  const text = guest.config[disk];
  if (text === undefined) throw new ApiError(500, `no such disk '${disk}'`);
  const mountPoint = parseMountPoint(text);
  const volume = world.volume(guest.node, mountPoint["volume"] ?? "");
  const wanted = size.startsWith("+") ? volume.size + parseSize(size.slice(1)) : parseSize(size);
  if (wanted < volume.size) throw new ApiError(500, "unable to shrink disk size");
  volume.size = wanted;
  guest.config[disk] = printMountPoint({ ...mountPoint, size: `${wanted / 2 ** 30}G` });
}

/** Reads `8G` as bytes. */
function parseSize(text: string): number {
  const [, number = "0", unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text) ?? [];
  return Math.round(Number(number) * 1024 ** " KMGT".indexOf(unit || " "));
}
