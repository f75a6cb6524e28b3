import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context, Handlers } from "../handlers.ts";
import { statusOn, vnetsOf, zonesOn } from "../sdn/status.ts";
import { splitList } from "../lists.ts";
import type { Guest } from "../state/guest.ts";
import type { NodeState } from "../state/node.ts";
import type { World } from "../world.ts";

/** What of the software-defined networks has arrived on a node. */
export const sdnStatusHandlers: Handlers = {
  "GET /nodes/{node}/sdn/zones": ({ node: name }, { world }) => {
    const node = world.node(name);
    return zonesOn(world, node).map(([zone]) => ({ zone, status: statusOn(world, node).status }));
  },
  "GET /nodes/{node}/sdn/zones/{zone}/content": ({ node: name, zone }, { world }) => {
    const node = world.node(name);
    if (!zonesOn(world, node).some(([id]) => id === zone)) return [];
    return vnetsOf(world, zone).map(([vnet]) => ({ vnet, ...statusOn(world, node) }));
  },
  "GET /nodes/{node}/sdn/zones/{zone}/bridges": ({ node: name, zone }, { world, session }) => {
    const node = world.node(name);
    return bridgesOf(world, node, zone)
      .filter(([bridge]) => world.may(session, `/sdn/zones/${zone}/${bridge}`, "SDN.Audit", "SDN.Allocate"))
      .map(([bridge, aware, members]) => ({
        name: bridge,
        vlan_filtering: aware ? "1" : "0",
        ports: [...members.map((member) => ({ name: member })), ...guestPorts(world, node, bridge)],
      }));
  },
  "GET /nodes/{node}/sdn/zones/{zone}/ip-vrf": ({ zone }, context) => refuseRoutes(zone, context),
};

/** The bridges of a zone: its vnets, or of `localnetwork` those of the node itself. */
function bridgesOf(world: World, { interfaces }: NodeState, zone: string): [string, boolean, string[]][] {
  if (zone === "localnetwork") {
    return Object.entries(interfaces)
      .filter(([, { type }]) => type === "bridge")
      .map(([name, { bridge_vlan_aware, bridge_ports }]) => [
        name,
        bridge_vlan_aware === "1",
        splitList(bridge_ports).filter((port) => port !== "none"),
      ]);
  }
  if (!Object.hasOwn(world.state.sdn.running.zones, zone)) throw invalidParameters({ zone: "zone does not exist" });
  return vnetsOf(world, zone).map(([name, { vlanaware }]) => [name, vlanaware === "1", []]);
}

/** Where running guests are connected to a bridge; a firewall of their own is in between where they have one. */
function guestPorts(world: World, { name: node }: NodeState, bridge: string) {
  const running = Object.values(world.state.guests).filter(
    (guest: Guest) => guest.node === node && guest.status === "running",
  );
  return running.flatMap(({ type, vmid, config }) =>
    Object.entries(config)
      .filter(([index, text]) => /^net\d+$/.test(index) && new RegExp(`(^|,)bridge=${bridge}(,|$)`).test(text))
      .map(([index, text]) => {
        const number = index.slice(3);
        const device = type === "lxc" ? `veth${vmid}i${number}` : `tap${vmid}i${number}`;
        return { name: /(^|,)firewall=1(,|$)/.test(text) ? `fwpr${vmid}p${number}` : device, vmid, index };
      }),
  );
}

function refuseRoutes(zone: string, { world }: Context): never {
  const { type } = world.state.sdn.running.zones[zone] ?? {};
  if (type === undefined) throw invalidParameters({ zone: "zone does not exist" });
  if (type !== "evpn") throw invalidParameters({ zone: "zone is not an EVPN zone" });
  throw new ApiError(501, "the simulator does not know the routes of an EVPN zone yet");
}
