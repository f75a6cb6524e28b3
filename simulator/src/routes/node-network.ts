import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context, Handlers, Parameters, Returns } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { checkAgainstOthers, checkIpv6 } from "../node/network-checks.ts";
import { configured, pendingChanges, showInterface, writePending } from "../node/network.ts";
import { toSection } from "../section-config.ts";
import { reloadSdn } from "../sdn/status.ts";
import type { Section } from "../state/cluster.ts";

type InterfaceList = Returns<"GET /nodes/{node}/network">;
type Settings = Omit<Parameters<"PUT /nodes/{node}/network/{iface}">, "node" | "iface" | "delete">;

/** Network interfaces, as they are written and as they run. */
export const nodeNetworkHandlers: Handlers = {
  "GET /nodes/{node}/network": listInterfaces,
  "POST /nodes/{node}/network": ({ node: nodeName, iface, ...settings }, { world }) => {
    const node = world.node(nodeName);
    const interfaces = configured(node);
    if (interfaces[iface] !== undefined || iface === "lo") {
      throw invalidParameters({ iface: "interface already exists" });
    }
    const section = readSettings(settings);
    checkAgainstOthers(interfaces, iface, section);
    refuseOpenVSwitch(settings.type);
    writePending(node, { ...interfaces, [iface]: section });
    return null;
  },
  "PUT /nodes/{node}/network": ({ node }, { world, session }) =>
    world.tasks.start({
      node,
      type: "srvreload",
      id: "networking",
      session,
      seconds: 3,
      work: () => {
        // One reload applies a node's own interfaces and those of software-defined networks.
        reloadSdn(world, node);
        return undefined;
      },
    }),
  "DELETE /nodes/{node}/network": ({ node }, { world }) => {
    delete world.node(node).pendingInterfaces;
    return null;
  },
  "GET /nodes/{node}/network/{iface}": ({ node, iface }, { world }) => showInterface(world.node(node), iface),
  "PUT /nodes/{node}/network/{iface}": updateInterface,
  "DELETE /nodes/{node}/network/{iface}": ({ node: nodeName, iface }, { world }) => {
    const node = world.node(nodeName);
    const { [iface]: removed, ...others } = configured(node);
    if (removed === undefined) throw invalidParameters({ iface: "interface does not exist" });
    // A card stays, whatever the file says.
    const bare = { type: "eth", method: "manual", method6: "manual", exists: "1" };
    writePending(node, removed["exists"] === "1" ? { ...others, [iface]: bare } : others);
    return null;
  },
};

function listInterfaces(
  { node: nodeName, type: filter }: Parameters<"GET /nodes/{node}/network">,
  { world, session, attributes }: Context,
): InterfaceList {
  const node = world.node(nodeName);
  const changes = pendingChanges(node);
  if (changes !== undefined) attributes["changes"] = changes;
  const local = Object.keys(configured(node))
    .map((iface) => ({ iface, ...showInterface(node, iface) }))
    .filter(({ type }) => matches(filter, type))
    .filter(
      ({ iface, type }) =>
        type !== "bridge" || world.may(session, `/sdn/zones/localnetwork/${iface}`, "SDN.Audit", "SDN.Use"),
    );
  if (filter === undefined || !["any_bridge", "include_sdn", "vnet"].includes(filter)) return local as InterfaceList;
  const vnets = Object.entries(world.state.sdn.running.vnets)
    .filter(([name, { zone = "" }]) => world.may(session, `/sdn/zones/${zone}/${name}`, "SDN.Audit", "SDN.Use"))
    .map(([iface, { alias }]) => ({
      iface,
      type: "vnet",
      active: 1,
      ...(alias === undefined ? {} : { comments: alias }),
    }));
  return [...local, ...vnets] as InterfaceList;
}

function matches(filter: string | undefined, type: string): boolean {
  if (filter === undefined || filter === "include_sdn") return true;
  return filter === type || (type === "bridge" && ["any_bridge", "any_local_bridge"].includes(filter));
}

function updateInterface(
  { node: nodeName, iface, delete: remove, ...settings }: Parameters<"PUT /nodes/{node}/network/{iface}">,
  { world }: Context,
): null {
  const node = world.node(nodeName);
  const interfaces = configured(node);
  const before = interfaces[iface];
  if (before === undefined) throw invalidParameters({ iface: "interface does not exist" });
  const changes = readSettings(settings);
  checkAgainstOthers(interfaces, iface, changes);
  refuseOpenVSwitch(settings.type);
  const removed = splitList(remove).map((name) => name.replace(/^(address|netmask)(6?)$/, "cidr$2"));
  const kept = Object.entries(before).filter(([name]) => !removed.includes(name));
  const section: Section = { ...Object.fromEntries(kept), ...changes };
  // Only families that the request has an address of are written; without any, it is IPv4.
  const families = { "": changes["cidr"] !== undefined || changes["cidr6"] === undefined, "6": changes["cidr6"] };
  for (const [suffix, written] of Object.entries(families)) {
    if (written) continue;
    for (const name of ["cidr", "gateway"]) Reflect.deleteProperty(section, `${name}${suffix}`);
  }
  writePending(node, { ...interfaces, [iface]: section });
  return null;
}

/** The settings of a request as the file has them: an address with its prefix. */
function readSettings({ address, netmask, address6, netmask6, ...rest }: Settings): Section {
  const conflicts = [
    [rest.cidr, address, "address", "cidr"],
    [rest.cidr, netmask, "netmask", "cidr"],
    [rest.cidr6, address6, "address6", "cidr6"],
    [rest.cidr6, netmask6, "netmask6", "cidr6"],
  ] as const;
  for (const [cidr, other, name, key] of conflicts) {
    if (cidr !== undefined && other !== undefined) {
      throw invalidParameters({ [name]: `${name} conflicts with ${key}` });
    }
  }
  const { cidr = address === undefined ? undefined : `${address}/${prefixOf(netmask ?? "32")}` } = rest;
  const { cidr6 = address6 === undefined ? undefined : `${address6}/${netmask6 ?? 128}` } = rest;
  if (cidr6 !== undefined) checkIpv6(cidr6.split("/")[0] ?? "");
  return toSection({
    ...rest,
    cidr,
    cidr6,
    method: cidr === undefined ? "manual" : "static",
    method6: cidr6 === undefined ? "manual" : "static",
  });
}

/** 24 for 255.255.255.0 */
function prefixOf(netmask: string): number {
  if (!netmask.includes(".")) return Number(netmask);
  const bits = netmask.split(".").map((part) => Number(part).toString(2).replaceAll("0", "").length);
  return bits.reduce((sum, length) => sum + length, 0);
}

function refuseOpenVSwitch(type: string): void {
  if (!type.startsWith("OVS")) return;
  throw new ApiError(500, "Open VSwitch is not installed (need package 'openvswitch-switch')");
}
