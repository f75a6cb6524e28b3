import { isIP, isIPv4, isIPv6 } from "node:net";
import { splitList } from "../lists.ts";

type Check = (text: string) => string | undefined;

const label = "[a-z0-9][a-z0-9_-]*";
const domain = new RegExp(String.raw`^${label}(\.${label})+$`, "i");
const alias = new RegExp(String.raw`^${label}(\.${label})*$`, "i");
const block = String.raw`-----BEGIN [^-]*-----\s*([0-9A-Za-z+/]+\s*\n)*[0-9A-Za-z+/]*={0,2}\s*\n-----END [^-]*-----\s*`;
const certificate = block.replaceAll("[^-]*", "CERTIFICATE");

const interfaceName: Check = (text) =>
  /^[a-z][a-z0-9_]{1,20}([:.]\d+)?$/i.test(text) ? undefined : `invalid network interface name '${text}'`;
const acmeDomain = matching(domain, "value does not look like a valid domain name");

/** The formats of networks, certificates and the other settings of a node. */
export const nodeFormatChecks: Readonly<Record<string, Check>> = {
  CIDRv4: (text) => (isNetwork(text, isIPv4, 32) ? undefined : "value does not look like a valid IPv4 CIDR network"),
  CIDRv6: (text) => (isNetwork(text, isIPv6, 128) ? undefined : "value does not look like a valid IPv6 CIDR network"),
  ip: (text) => (isIP(text) > 0 ? undefined : "value does not look like a valid IP address"),
  ipv4mask: (text) => (isMask(text) ? undefined : "value does not look like a valid IP netmask"),
  "pem-certificate-chain": pem(new RegExp(`^(${certificate})+$`)),
  "pem-string": pem(new RegExp(`^${block}$`)),
  "pve-acme-alias": matching(alias, "value does not look like a valid alias name"),
  "pve-acme-domain": acmeDomain,
  "pve-acme-domain-list": each(acmeDomain),
  "pve-iface-list": each(interfaceName),
  "pve-vlan-id-or-range-list": each(vlanProblem),
  "pve-vmid-list": each(matching(/^[1-9]\d{2,8}$/, "value does not look like a valid VM ID")),
};

function matching(pattern: RegExp, problem: string): Check {
  return (text) => (pattern.test(text) ? undefined : problem);
}

function each(check: Check): Check {
  return (text) =>
    splitList(text)
      .map(check)
      .find((problem) => problem !== undefined);
}

/** Text before the first block does not count. */
function pem(pattern: RegExp): Check {
  return (text) =>
    pattern.test(text.slice(Math.max(0, text.indexOf("-----BEGIN")))) ? undefined : "not a valid PEM-formatted string.";
}

function isNetwork(text: string, isAddress: (text: string) => boolean, bits: number): boolean {
  const [address = "", prefix = "", ...rest] = text.split("/");
  return (
    rest.length === 0 && isAddress(address) && /^\d+$/.test(prefix) && Number(prefix) > 7 && Number(prefix) <= bits
  );
}

function isMask(text: string): boolean {
  if (!isIPv4(text)) return false;
  const bits = text
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  return /^1*0*$/.test(bits);
}

function vlanProblem(text: string): string | undefined {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined) return `invalid VLAN configuration '${text}'`;
  const wrong = [first, last].find((id) => id !== undefined && (Number(id) < 2 || Number(id) > 4094));
  if (wrong !== undefined) return `invalid VLAN tag '${wrong}'`;
  if (last === undefined || Number(first) < Number(last)) return undefined;
  return `VLAN range must go from lower to higher tag: '${text}'`;
}
