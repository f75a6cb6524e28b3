import { readAddressList, ipOrCidrProblem } from "./addresses.ts";
import { icmpTypeProblem, portsProblem, protocolProblem } from "./ports.ts";

const helpers = ["amanda", "ftp", "irc", "netbios-ns", "pptp", "sane", "sip", "snmp", "tftp"];

/** The named formats of pve-firewall, in its words. */
export const firewallFormatChecks: Readonly<Record<string, (text: string) => string | undefined>> = {
  IPorCIDR: ipOrCidrProblem,
  IPorCIDRorAlias: (text) =>
    /^(?:dc\/|guest\/)?[A-Za-z][A-Za-z0-9\-_]+$/.test(text) ? undefined : ipOrCidrProblem(text),
  "pve-fw-addr-spec": (text) => {
    const list = readAddressList(text);
    return "problem" in list ? list.problem : undefined;
  },
  "pve-fw-conntrack-helper": (text) => {
    const items = text === "" ? [] : text.split(",");
    if (items.at(-1) === "") return "extraneous commas in list";
    const unknown = items.find((item) => !helpers.includes(item));
    // Perl says where it found that, as the message has no line break of its own.
    return unknown === undefined
      ? undefined
      : `unknown helper ${unknown} at /usr/share/perl5/PVE/Firewall.pm line 1250.`;
  },
  "pve-fw-dport-spec": (text) => portsProblem(text, true),
  "pve-fw-icmp-type-spec": icmpTypeProblem,
  "pve-fw-protocol-spec": protocolProblem,
  "pve-fw-sport-spec": (text) => portsProblem(text, false),
};
