import { createHash } from "node:crypto";
import { parseSetting, printSetting, randomMac } from "../guest/config.ts";
import type { Section } from "../state/cluster.ts";

/** One network device, with what cloud-init shall do with it. */
export interface NetworkDevice {
  readonly index: number;
  readonly model: string;
  /** As written: upper case. */
  readonly mac: string;
  readonly bridge: string | undefined;
  readonly tag: string | undefined;
  readonly firewall: boolean;
  readonly ipconfig: IpConfig | undefined;
}

/** `ipconfig0` */
export interface IpConfig {
  readonly ip?: string;
  readonly gw?: string;
  readonly ip6?: string;
  readonly gw6?: string;
}

/** Writes a network device as Proxmox does; one without an address gets one. */
export function printNetwork(name: string, text: string): string {
  const device = parseSetting("qemu", name, text);
  return printSetting("qemu", name, { ...device, macaddr: device["macaddr"] ?? randomMac() });
}

/** Gives a network device another address: clones must not share one. */
export function withNewMac(name: string, text: string): string {
  return printSetting("qemu", name, { ...parseSetting("qemu", name, text), macaddr: randomMac() });
}

/** The network devices of a configuration, by their number. */
export function networksOf(config: Section): NetworkDevice[] {
  return Object.entries(config)
    .filter(([name]) => /^net\d+$/.test(name))
    .map(([name, text]) => {
      const { model = "virtio", macaddr = "", bridge, tag, firewall } = parseSetting("qemu", name, text);
      const index = Number(name.slice(3));
      return {
        index,
        model,
        mac: macaddr,
        bridge,
        tag,
        firewall: firewall === "1",
        ipconfig: ipConfigOf(config[`ipconfig${index}`]),
      };
    })
    .sort((a, b) => a.index - b.index);
}

/** The address that the DHCP server of a network would give: any, but always the same one. */
export function leaseOf({ mac, bridge = "", tag = "" }: NetworkDevice): string {
  const [host = 0] = createHash("sha256").update(mac).digest();
  const [network = 0] = createHash("sha256").update(bridge).digest();
  // A VLAN's number is mostly in its addresses.
  return `10.${tag === "" ? network : Number(tag) % 256}.0.${100 + (host % 150)}/24`;
}

function ipConfigOf(text: string | undefined): IpConfig | undefined {
  if (text === undefined) return undefined;
  const { ip, gw, ip6, gw6 } = parseSetting("qemu", "ipconfig0", text);
  if (ip === undefined && ip6 === undefined) return { ip: "dhcp", ip6: "dhcp" };
  return {
    ...(ip === undefined ? {} : { ip }),
    ...(gw === undefined ? {} : { gw }),
    ...(ip6 === undefined ? {} : { ip6 }),
    ...(gw6 === undefined ? {} : { gw6 }),
  };
}
