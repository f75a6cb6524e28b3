import { fileEntry, folderEntry } from "../files/file-layer.ts";
import { parseSetting } from "../guest/config.ts";
import { startServices } from "../guest-services/start-service.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest, GuestSystem } from "../state/guest.ts";
import type { NodeState } from "../state/node.ts";
import type { Distribution } from "./distributions.ts";

/** What a client gives a new container besides its configuration. */
export interface Credentials {
  readonly password: string | undefined;
  /** One key a line. */
  readonly keys: string | undefined;
}

const folders = [
  "/dev",
  "/etc",
  "/etc/apt",
  "/etc/apt/sources.list.d",
  "/etc/default",
  "/etc/network",
  "/etc/ssh",
  "/etc/systemd",
  "/etc/systemd/network",
  "/etc/systemd/system",
  "/home",
  "/media",
  "/mnt",
  "/opt",
  "/proc",
  "/run",
  "/srv",
  "/sys",
  "/usr",
  "/usr/bin",
  "/usr/lib",
  "/usr/local",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/share",
  "/var",
  "/var/cache",
  "/var/lib",
  "/var/log",
];

const accounts = [
  "root:x:0:0:root:/root:/bin/bash",
  "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin",
  "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin",
  "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin",
  "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
];

/** The system in a template, unpacked, with the credentials that Proxmox puts into it. */
export function unpackSystem(distribution: Distribution, { password, keys }: Credentials, now: number): GuestSystem {
  const { release, files, packages, services } = distribution;
  const lines = Object.entries(release).map(([name, value]) => `${name}=${value}\n`);
  const texts: Record<string, string> = {
    "/etc/os-release": lines.join(""),
    "/etc/passwd": `${accounts.join("\n")}\n`,
    "/etc/group": "root:x:0:\nsudo:x:27:\nwww-data:x:33:\nnogroup:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/timezone": "Etc/UTC\n",
    ...files,
  };
  const system: GuestSystem = {
    hostname: "",
    files: {
      ...Object.fromEntries(folders.map((path) => [path, folderEntry(now)])),
      "/root": folderEntry(now, 0o700),
      "/tmp": folderEntry(now, 0o1777),
      "/var/tmp": folderEntry(now, 0o1777),
      ...Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, fileEntry(text, now)])),
      "/etc/shadow": fileEntry(
        `root:${password === undefined ? "*" : "$y$j9T$simulated"}:20000:0:99999:7:::\n`,
        now,
        0o640,
      ),
    },
    packages: { ...packages },
    services: Object.fromEntries(services.map((name) => [name, { enabled: true, active: false }])),
    agent: false,
    executions: {},
  };
  if (keys !== undefined) {
    system.files["/root/.ssh"] = folderEntry(now, 0o700);
    system.files["/root/.ssh/authorized_keys"] = fileEntry(`${keys.trimEnd()}\n`, now, 0o600);
  }
  return system;
}

/** Brings a container's system up: Proxmox writes its name and network anew at each start. */
export function bootSystem(guest: Guest, node: NodeState, now: number): void {
  writeSystem(guest, node, now);
  startServices(guest.inside);
}

/** Ends what runs in a container. */
export function haltSystem({ inside }: Guest): void {
  for (const service of Object.values(inside.services)) service.active = false;
}

/** Writes what Proxmox sets up in a container's files: PVE::LXC::Setup. */
export function writeSystem(guest: Guest, node: NodeState, now: number): void {
  const { config, inside } = guest;
  const full = config["hostname"] ?? `CT${guest.vmid}`;
  const [short = full] = full.split(".");
  inside.hostname = short;
  if (config["ostype"] === "unmanaged") return;
  const put = (path: string, text: string) => {
    inside.files[path] = fileEntry(text, now);
  };
  put("/etc/hostname", `${short}\n`);
  const search = config["searchdomain"] ?? node.dns.search;
  put("/etc/hosts", `127.0.0.1 localhost\n${block(`${hostAddress(config)} ${hostNames(full, search)}`)}`);
  const servers = config["nameserver"]?.split(" ") ?? node.dns.servers;
  put("/etc/resolv.conf", block([`search ${search}`, ...servers.map((server) => `nameserver ${server}`)].join("\n")));
  writeNetwork(guest, put);
  const { timezone } = config;
  if (timezone !== undefined) put("/etc/timezone", `${timezone === "host" ? node.timezone : timezone}\n`);
}

/** Writes the files of a container's network interfaces. */
export function writeNetwork({ config }: Guest, put: (path: string, text: string) => void): void {
  const networks = Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))
    .map((key) => parseSetting("lxc", key, config[key] ?? ""));
  if (["debian", "devuan", "alpine"].includes(config["ostype"] ?? "")) {
    put("/etc/network/interfaces", ["auto lo\niface lo inet loopback\n", ...networks.map(ifupdown)].join("\n"));
    return;
  }
  for (const network of networks) put(`/etc/systemd/network/${network["name"] ?? ""}.network`, networkd(network));
}

function ifupdown({ name = "", ip, gw, ip6, gw6 }: Readonly<Record<string, string>>): string {
  const family = (kind: string, address: string | undefined, gateway: string | undefined): string[] => {
    if (address === undefined) return [];
    if (!address.includes("/")) return [`iface ${name} ${kind} ${address}`];
    const route = gateway === undefined ? [] : [`\tgateway ${gateway}`];
    return [`iface ${name} ${kind} static`, `\taddress ${address}`, ...route];
  };
  const lines = [...family("inet", ip, gw), ...family("inet6", ip6, gw6)];
  return [`auto ${name}`, ...(lines.length === 0 ? [`iface ${name} inet manual`] : lines), ""].join("\n");
}

function networkd({ name = "", ip, gw, ip6, gw6 }: Readonly<Record<string, string>>): string {
  const dhcp = ip === "dhcp" ? (ip6 === "dhcp" ? "yes" : "ipv4") : ip6 === "dhcp" ? "ipv6" : "no";
  const fixed = [ip, ip6].filter((address) => address?.includes("/"));
  const gateways = [gw, gw6].filter((gateway) => gateway !== undefined);
  return [
    "[Match]",
    `Name = ${name}`,
    "",
    "[Network]",
    `Description = Interface ${name} autoconfigured by PVE`,
    ...fixed.map((address) => `Address = ${address ?? ""}`),
    ...gateways.map((gateway) => `Gateway = ${gateway}`),
    `DHCP = ${dhcp}`,
    `IPv6AcceptRA = ${ip6 === "auto" ? "true" : "false"}`,
    "",
  ].join("\n");
}

function hostAddress(config: Section): string {
  const { ip } = parseSetting("lxc", "net0", config["net0"] ?? "");
  return ip?.includes("/") ? (ip.split("/")[0] ?? "127.0.1.1") : "127.0.1.1";
}

function hostNames(full: string, search: string): string {
  const [short = full] = full.split(".");
  const [domain = ""] = search.split(" ");
  if (short !== full) return `${full} ${short}`;
  return domain === "" ? short : `${short}.${domain} ${short}`;
}

function block(text: string): string {
  return `# --- BEGIN PVE ---\n${text}\n# --- END PVE ---\n`;
}
