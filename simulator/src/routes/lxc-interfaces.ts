import { parseNetwork } from "../container-config.ts";
import type { Returns } from "../handlers.ts";
import type { Guest } from "../state/guest.ts";

/** The network interfaces inside a running container: loopback, and one for each net[n] with its address. */
export function interfacesOf({ vmid, status, config }: Guest): Returns<"GET /nodes/{node}/lxc/{vmid}/interfaces"> {
  if (status !== "running") return [];
  const networks = Object.entries(config)
    .filter(([name]) => /^net\d+$/.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text], index) => {
      const { name = `eth${index}`, hwaddr = "", ip = "" } = parseNetwork(text);
      // What a DHCP server would have given: any address, but always the same one.
      const address = ip === "dhcp" ? `192.0.2.${(vmid % 250) + 2}/24` : ip;
      return describeInterface(name, hwaddr.toLowerCase(), address);
    });
  return [describeInterface("lo", "00:00:00:00:00:00", "127.0.0.1/8"), ...networks];
}

function describeInterface(name: string, hwaddr: string, cidr: string) {
  const [address, prefix] = cidr.split("/");
  const known = prefix !== undefined;
  return {
    name,
    hwaddr,
    "hardware-address": hwaddr,
    ...(known ? { inet: cidr } : {}),
    "ip-addresses": known ? [{ "ip-address": address, "ip-address-type": "inet", prefix: Number(prefix) }] : [],
  };
}
