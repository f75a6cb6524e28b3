import type { EndpointKey } from "../api/facts.ts";
import type { Returns } from "../handlers.ts";
import type { SdnFile } from "../state/cluster.ts";

/** Settings by name: whether they are required. */
export type Options = Readonly<Record<string, boolean>>;

/** A kind of object of the SDN configuration. */
export interface Kind<Described = unknown> {
  /** Nothing but a type: what answers show of it. */
  readonly shows?: Described;
  readonly file: SdnFile;
  /** As messages call it, and as answers name its ID. */
  readonly noun: string;
  readonly missing: (id: string) => string;
  /** The endpoint whose parameters tell the types of its settings. */
  readonly endpoint: EndpointKey;
  /** The settings of each type. */
  readonly types: Readonly<Record<string, Options>>;
}

const optional = (names: string): Options => Object.fromEntries(names.split(" ").map((name) => [name, false]));
const required = (names: string): Options => Object.fromEntries(names.split(" ").map((name) => [name, true]));

const anyZone = optional("nodes mtu dns reversedns dnszone ipam");

/** Zones: what vnets are made of. */
export const zoneKind: Kind<Returns<"GET /cluster/sdn/zones">[number]> = {
  file: "zones",
  noun: "zone",
  missing: (id) => `sdn '${id}' does not exist`,
  endpoint: "PUT /cluster/sdn/zones/{zone}",
  types: {
    simple: { ...anyZone, ...optional("dhcp") },
    vlan: { ...anyZone, ...required("bridge"), ...optional("bridge-disable-mac-learning") },
    qinq: { ...anyZone, ...required("tag bridge"), ...optional("bridge-disable-mac-learning vlan-protocol") },
    vxlan: { ...anyZone, ...optional("peers fabric vxlan-port") },
    evpn: {
      ...anyZone,
      ...required("vrf-vxlan controller"),
      ...optional("exitnodes exitnodes-local-routing exitnodes-primary advertise-subnets disable-arp-nd-suppression"),
      ...optional("rt-import mac secondary-controllers"),
    },
  },
};

/** Vnets: the bridges that guests are connected to. */
export const vnetKind: Kind<Returns<"GET /cluster/sdn/vnets">[number]> = {
  file: "vnets",
  noun: "vnet",
  missing: (id) => `sdn vnet '${id}' does not exist`,
  endpoint: "PUT /cluster/sdn/vnets/{vnet}",
  types: { vnet: { ...required("zone"), ...optional("tag alias vlanaware isolate-ports") } },
};

/** Subnets of vnets. */
export const subnetKind: Kind<Returns<"GET /cluster/sdn/vnets/{vnet}/subnets">[number]> = {
  file: "subnets",
  noun: "subnet",
  missing: (id) => `sdn subnet '${id}' does not exist`,
  endpoint: "PUT /cluster/sdn/vnets/{vnet}/subnets/{subnet}",
  types: {
    subnet: { ...required("vnet"), ...optional("gateway snat dnszoneprefix dhcp-range dhcp-dns-server") },
  },
};

/** Controllers: who tells routers of zones. */
export const controllerKind: Kind<Returns<"GET /cluster/sdn/controllers">[number]> = {
  file: "controllers",
  noun: "controller",
  missing: (id) => `sdn '${id}' does not exist`,
  endpoint: "PUT /cluster/sdn/controllers/{controller}",
  types: {
    evpn: {
      ...required("asn"),
      ...optional("peers fabric nodes bgp-mode ebgp ebgp-multihop loopback peer-group-name route-map-in route-map-out"),
    },
    bgp: {
      ...required("node asn peers"),
      ...optional("bgp-multipath-as-path-relax ebgp ebgp-multihop loopback route-map-in route-map-out"),
    },
    isis: { ...required("isis-domain isis-net isis-ifaces node"), ...optional("loopback") },
  },
};

/** IPAMs: who keeps the addresses of guests. */
export const ipamKind: Kind<Returns<"GET /cluster/sdn/ipams">[number]> = {
  file: "ipams",
  noun: "ipam",
  missing: (id) => `sdn '${id}' does not exist`,
  endpoint: "PUT /cluster/sdn/ipams/{ipam}",
  types: {
    pve: {},
    netbox: { ...required("url token"), ...optional("fingerprint") },
    phpipam: { ...required("url token section"), ...optional("fingerprint") },
  },
};

/** Name servers that learn the names of guests. */
export const dnsKind: Kind<Returns<"GET /cluster/sdn/dns">[number]> = {
  file: "dns",
  noun: "dns",
  missing: (id) => `sdn '${id}' does not exist`,
  endpoint: "PUT /cluster/sdn/dns/{dns}",
  types: {
    powerdns: { ...required("url key"), ...optional("ttl reversev6mask reversemaskv6 fingerprint") },
  },
};
