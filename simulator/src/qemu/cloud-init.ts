import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import { parseSetting } from "../guest/config.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import { splitVolumeId, type World } from "../world.ts";
import { networksOf, type NetworkDevice } from "./networks.ts";

/** What a guest finds on its cloud-init drive. */
export interface CloudInitData {
  readonly user: string;
  readonly network: string;
  readonly meta: string;
  readonly vendor: string;
}

/** The part of a configuration that the drive is made of: PVE::QemuServer::cloudinit_pending_properties. */
export function cloudInitSettings(config: Section): Section {
  const name =
    /^(?:cicustom|cipassword|citype|ciuser|ciupgrade|nameserver|searchdomain|sshkeys|name|ipconfig\d+|net\d+)$/;
  return Object.fromEntries(Object.entries(config).filter(([key]) => name.test(key)));
}

/**
 * What the drive gets: files of the user's own, or what Proxmox makes of the configuration.
 * @throws {ApiError} 500 where a snippet is not there
 */
export function cloudInitData(world: World, { node, vmid, config }: Guest): CloudInitData {
  const custom = parseSetting("qemu", "cicustom", config["cicustom"] ?? "");
  const own = (key: string) => (custom[key] === undefined ? undefined : readSnippet(world, node, custom[key]));
  const user = own("user") ?? generateUser(config, vmid);
  const network = own("network") ?? generateNetwork(world, node, config);
  return { user, network, meta: own("meta") ?? generateMeta(config, user, network), vendor: own("vendor") ?? "" };
}

/** What Proxmox makes of a configuration, whatever files of their own a user has: `…/cloudinit/dump`. */
export function dumpCloudInit(world: World, { node, vmid, config }: Guest, type: "user" | "network" | "meta"): string {
  const user = generateUser(config, vmid);
  if (type === "user") return user;
  const network = generateNetwork(world, node, config);
  return type === "network" ? network : generateMeta(config, user, network);
}

/** The public keys in `sshkeys`. */
export function sshKeysOf({ sshkeys }: Section): string[] {
  return decodeURIComponent(sshkeys ?? "")
    .split("\n")
    .map((key) => key.trimEnd())
    .filter((key) => key.trim() !== "");
}

function generateUser(config: Section, vmid: number): string {
  const { ciuser, cipassword, ciupgrade } = config;
  const { hostname, fqdn } = namesOf(config, vmid);
  const keys = sshKeysOf(config);
  return lines(
    "#cloud-config",
    `hostname: ${hostname}`,
    "manage_etc_hosts: true",
    `fqdn: ${fqdn}`,
    ...(ciuser === undefined ? [] : [`user: ${ciuser}`]),
    ...(ciuser === "root" ? ["disable_root: False"] : []),
    ...(cipassword === undefined ? [] : [`password: ${cipassword}`]),
    ...(config["sshkeys"] === undefined ? [] : ["ssh_authorized_keys:", ...keys.map((key) => `  - ${key}`)]),
    "chpasswd:",
    "  expire: False",
    ...(ciuser === "root" ? [] : ["users:", "  - default"]),
    ...(ciupgrade === "0" ? [] : ["package_upgrade: true"]),
  );
}

function namesOf({ name, searchdomain }: Section, vmid: number): { readonly hostname: string; readonly fqdn: string } {
  const full = name ?? `VM${vmid}`;
  if (full.includes(".")) return { hostname: full.replace(/\..*$/, ""), fqdn: full };
  return { hostname: full, fqdn: searchdomain === undefined ? full : `${full}.${searchdomain}` };
}

/** Linux is told by cloud-init's own format, Windows and whoever asks for it by that of Debian's interfaces. */
function generateNetwork(world: World, node: string, config: Section): string {
  const { search, servers } = dnsOf(world, node, config);
  const devices = networksOf(config)
    .filter(({ ipconfig }) => ipconfig !== undefined)
    // Sorted as text: net10 comes before net2.
    .sort((a, b) => (`net${a.index}` < `net${b.index}` ? -1 : 1));
  if (formatOf(config) !== "nocloud") return interfacesFile(devices, search, servers);
  return lines(
    "version: 1",
    "config:",
    ...devices.flatMap((device) => physicalInterface(device)),
    "    - type: nameserver",
    ...(servers.length === 0 ? [] : ["      address:", ...servers.map((server) => `      - '${server}'`)]),
    ...(search.length === 0 ? [] : ["      search:", ...search.map((domain) => `      - '${domain}'`)]),
  );
}

function physicalInterface({ index, mac, ipconfig: { ip, gw, ip6, gw6 } = {} }: NetworkDevice): string[] {
  const gateway = (address: string | undefined) => (address === undefined ? [] : [`        gateway: '${address}'`]);
  const [address = "", prefix = ""] = ip?.split("/") ?? [];
  const v4 =
    ip === undefined
      ? []
      : ip === "dhcp"
        ? ["      - type: dhcp4"]
        : [
            "      - type: static",
            `        address: '${address}'`,
            `        netmask: '${netmask(prefix)}'`,
            ...gateway(gw),
          ];
  const v6 =
    ip6 === undefined
      ? []
      : ip6 === "dhcp"
        ? ["      - type: dhcp6"]
        : ip6 === "auto"
          ? ["      - type: ipv6_slaac"]
          : ["      - type: static6", `        address: '${ip6}'`, ...gateway(gw6)];
  return [
    "    - type: physical",
    `      name: eth${index}`,
    `      mac_address: '${mac.toLowerCase()}'`,
    "      subnets:",
    ...v4,
    ...v6,
  ];
}

function interfacesFile(
  devices: readonly NetworkDevice[],
  search: readonly string[],
  servers: readonly string[],
): string {
  const indent = "        ";
  const interfaces = devices.flatMap(({ index, ipconfig: { ip, gw, ip6, gw6 } = {} }) => {
    const name = `eth${index}`;
    const [address = "", prefix = ""] = ip?.split("/") ?? [];
    const [address6 = "", prefix6 = ""] = ip6?.split("/") ?? [];
    const fixed = [`${indent}address ${address}`, `${indent}netmask ${netmask(prefix)}`];
    const fixed6 = [`${indent}address ${address6}`, `${indent}netmask ${prefix6}`];
    return [
      `auto ${name}`,
      ...(ip === undefined
        ? []
        : ip === "dhcp"
          ? [`iface ${name} inet dhcp`]
          : [`iface ${name} inet static`, ...fixed]),
      ...(gw === undefined ? [] : [`${indent}gateway ${gw}`]),
      ...(ip6 === undefined
        ? []
        : /^(?:auto|dhcp)$/.test(ip6)
          ? [`iface ${name} inet6 ${ip6}`]
          : [`iface ${name} inet6 static`, ...fixed6]),
      ...(gw6 === undefined ? [] : [`${indent}gateway ${gw6}`]),
    ];
  });
  return lines(
    "auto lo",
    "iface lo inet loopback",
    "",
    ...(servers.length === 0 ? [] : [`${indent}dns_nameservers ${servers.join(" ")}`]),
    ...(search.length === 0 ? [] : [`${indent}dns_search ${search.join(" ")}`]),
    ...interfaces,
  );
}

function generateMeta(config: Section, user: string, network: string): string {
  const id = createHash("sha1")
    .update(user + network)
    .digest("hex");
  if (formatOf(config) === "nocloud") return `instance-id: ${id}\n`;
  return lines("{", `     "uuid": "${id}",`, '     "network_config": { "content_path": "/content/0000" }', "}");
}

function formatOf({ citype, ostype }: Section): string {
  return citype ?? ((ostype ?? "").startsWith("w") ? "configdrive2" : "nocloud");
}

function dnsOf(world: World, node: string, { searchdomain, nameserver }: Section) {
  const { dns } = world.node(node);
  const split = (text: string) => text.split(/\s+/).filter((item) => item !== "");
  return {
    search: split(searchdomain ?? dns.search),
    servers: nameserver === undefined ? dns.servers : split(nameserver),
  };
}

function readSnippet(world: World, node: string, volumeId: string): string {
  const { storage: id, name } = splitVolumeId(volumeId);
  const storage = world.storage(node, id);
  if (!name.startsWith("snippets/")) throw new ApiError(500, `${volumeId} is not in the snippets directory`);
  const volume = world.volumesOn(node, id)[name];
  if (volume === undefined) {
    const path = `${storage.config["path"] ?? `/mnt/pve/${id}`}/${name}`;
    throw new ApiError(500, `can't open '${path}' - No such file or directory`);
  }
  return Buffer.from(volume.data ?? "", "base64").toString();
}

function netmask(prefix: string): string {
  const bits = Number(prefix);
  return [0, 8, 16, 24].map((shift) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - shift)))).join(".");
}

function lines(...texts: readonly string[]): string {
  return `${texts.join("\n")}\n`;
}
