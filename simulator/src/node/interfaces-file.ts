import type { Section } from "../state/cluster.ts";

/** /etc/network/interfaces as Proxmox writes it: https://pve.proxmox.com/wiki/Network_Configuration */
export function renderInterfaces(interfaces: Readonly<Record<string, Section>>): string {
  const blocks = Object.entries(interfaces).map(([name, section]) => renderInterface(name, section));
  return ["auto lo\niface lo inet loopback\n", ...blocks, "source /etc/network/interfaces.d/*\n"].join("\n");
}

/** The address families that an interface has a block for; without any address it is `inet`. */
export function familiesOf({ cidr6, method6, cidr, method }: Section): ("inet" | "inet6")[] {
  const six = cidr6 !== undefined || (method6 ?? "manual") !== "manual";
  const four = cidr !== undefined || (method ?? "manual") !== "manual" || !six;
  return [...(four ? ["inet" as const] : []), ...(six ? ["inet6" as const] : [])];
}

function renderInterface(name: string, section: Section): string {
  const { autostart, method = "manual", method6 = "manual", cidr, cidr6, gateway, gateway6, comments = "" } = section;
  const notes = comments.split("\n").filter((line) => line !== "");
  const blocks = familiesOf(section).map((family, index) => {
    const [how, address, router] = family === "inet" ? [method, cidr, gateway] : [method6, cidr6, gateway6];
    return [
      `iface ${name} ${family} ${how}`,
      ...(address === undefined ? [] : [`\taddress ${address}`]),
      ...(router === undefined ? [] : [`\tgateway ${router}`]),
      // Only the first block has the options.
      ...(index === 0 ? [...optionsOf(section).map((line) => `\t${line}`), ...notes.map((line) => `#${line}`)] : []),
    ];
  });
  const lines = blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
  return [...(autostart === "1" ? [`auto ${name}`] : []), ...lines, ""].join("\n");
}

function optionsOf(section: Section): string[] {
  const value = (key: string) => section[key] ?? "";
  const mtu = section["mtu"] === undefined ? [] : [`mtu ${value("mtu")}`];
  if (section["type"] === "bridge") {
    const aware = ["bridge-vlan-aware yes", `bridge-vids ${value("bridge_vids")}`];
    return [
      `bridge-ports ${value("bridge_ports") === "" ? "none" : value("bridge_ports")}`,
      `bridge-stp ${value("bridge_stp")}`,
      `bridge-fd ${value("bridge_fd")}`,
      ...(section["bridge_vlan_aware"] === "1" ? aware : []),
      ...mtu,
    ];
  }
  if (section["type"] === "bond") {
    return [
      `bond-slaves ${value("slaves") === "" ? "none" : value("slaves")}`,
      `bond-miimon ${value("bond_miimon")}`,
      `bond-mode ${value("bond_mode")}`,
      ...["bond_xmit_hash_policy", "bond-primary"]
        .filter((key) => section[key] !== undefined)
        .map((key) => `${key.replaceAll("_", "-")} ${value(key)}`),
      ...mtu,
    ];
  }
  const vlan = ["vlan-id", "vlan-raw-device"].filter((key) => section[key] !== undefined);
  return [...mtu, ...vlan.map((key) => `${key} ${value(key)}`)];
}
