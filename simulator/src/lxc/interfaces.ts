import { parseSetting } from "../guest/config.ts";
import type { Guest } from "../state/guest.ts";

/** The network interfaces inside a running container: loopback, and one for each net[n] with its addresses. */
export function interfacesOf({ vmid, status, config }: Guest) {
  if (status !== "running") return [];
  const networks = Object.keys(config)
    .filter((name) => /^net\d+$/.test(name))
    .sort((a, b) => Number(a.slice(3)) - Number(b.slice(3)))
    .map((key) => {
      const { name = "", hwaddr = "", ip, ip6, link_down: down } = parseSetting("lxc", key, config[key] ?? "");
      const mac = hwaddr.toLowerCase();
      if (down === "1") return describeInterface(name, mac, []);
      return describeInterface(name, mac, [...ipv4(vmid, ip), ...ipv6(mac, ip6), `fe80::${interfaceId(mac)}/64`]);
    });
  return [describeInterface("lo", "00:00:00:00:00:00", ["127.0.0.1/8", "::1/128"]), ...networks];
}

/** What a DHCP server would give: any address, but always the same one. */
function ipv4(vmid: number, ip: string | undefined): string[] {
  if (ip === "dhcp") return [`192.0.2.${(vmid % 250) + 2}/24`];
  return ip?.includes("/") === true ? [ip] : [];
}

function ipv6(mac: string, ip: string | undefined): string[] {
  if (ip === "auto" || ip === "dhcp") return [`2001:db8::${interfaceId(mac)}/64`];
  return ip?.includes("/") === true ? [ip] : [];
}

function describeInterface(name: string, hwaddr: string, addresses: readonly string[]) {
  const families = addresses.map((address) => (address.includes(":") ? ("inet6" as const) : ("inet" as const)));
  // The old keys have room for one address of a family, the last one.
  const last = (family: "inet" | "inet6") => {
    const index = families.lastIndexOf(family);
    return index < 0 ? {} : { [family]: addresses[index] };
  };
  return {
    name,
    hwaddr,
    "hardware-address": hwaddr,
    ...last("inet"),
    ...last("inet6"),
    "ip-addresses": addresses.map((address, index) => {
      const [ip = "", prefix = ""] = address.split("/");
      return { "ip-address": ip, "ip-address-type": families[index] ?? "inet", prefix: Number(prefix) };
    }),
  };
}

/** RFC 4291's modified EUI-64 of a MAC address. */
function interfaceId(mac: string): string {
  const [first = 0, second = 0, third = 0, ...rest] = mac.split(":").map((byte) => Number.parseInt(byte, 16));
  const bytes = [first ^ 2, second, third, 0xff, 0xfe, ...rest];
  return [0, 2, 4, 6].map((index) => (((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0)).toString(16)).join(":");
}
