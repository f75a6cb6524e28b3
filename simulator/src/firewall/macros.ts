/** What one line of a macro matches. */
export interface MacroMatch {
  readonly proto: string;
  readonly dport?: string;
  readonly sport?: string;
}

/** A name for traffic that rules may use instead of protocols and ports. */
export interface Macro {
  readonly name: string;
  readonly description: string;
  readonly matches: readonly MacroMatch[];
  /** Where IPv6 needs something else. */
  readonly matches6?: readonly MacroMatch[];
  /** Makes sense for IPv6 only. */
  readonly only6: boolean;
}

/**
 * By name: what it is, then what it matches (`protocol`, `protocol/port` or `protocol/port<source port`, separated by
 * blanks), then what it matches in IPv6: https://pve.proxmox.com/pve-docs/chapter-pve-firewall.html#_macro_definitions
 */
const table: Readonly<Record<string, readonly [description: string, matches: string, matches6?: string]>> = {
  Amanda: ["Amanda backup", "udp/10080 tcp/10080"],
  Auth: ["Ident", "tcp/113"],
  BGP: ["Border Gateway Protocol", "tcp/179"],
  BitTorrent: ["BitTorrent up to 3.1", "tcp/6881:6889 udp/6881"],
  BitTorrent32: ["BitTorrent since 3.2", "tcp/6881:6999 udp/6881"],
  CVS: ["CVS pserver", "tcp/2401"],
  Ceph: ["Ceph: monitors, OSDs and metadata servers", "tcp/6789 tcp/3300 tcp/6800:7300"],
  Citrix: ["Citrix: ICA, ICA browser, CGP", "tcp/1494 udp/1604 tcp/2598"],
  DAAP: ["Digital Audio Access Protocol", "tcp/3689 udp/3689"],
  DCC: ["Distributed Checksum Clearinghouse", "tcp/6277"],
  DHCPfwd: ["DHCP that is forwarded", "udp/67:68<67:68"],
  DHCPv6: ["DHCP for IPv6", "", "udp/546:547<546:547"],
  DNS: ["Domain Name System, over UDP and TCP", "udp/53 tcp/53"],
  Distcc: ["Distributed compiler", "tcp/3632"],
  FTP: ["File Transfer Protocol", "tcp/21"],
  Finger: ["Finger, RFC 742", "tcp/79"],
  GNUnet: ["GNUnet", "tcp/2086 udp/2086 tcp/1080 udp/1080"],
  GRE: ["Generic Routing Encapsulation", "47"],
  Git: ["Git daemon", "tcp/9418"],
  HKP: ["OpenPGP key server", "tcp/11371"],
  HTTP: ["Hypertext Transfer Protocol", "tcp/80"],
  HTTPS: ["Hypertext Transfer Protocol over TLS", "tcp/443"],
  ICPV2: ["Internet Cache Protocol 2", "udp/3130"],
  ICQ: ["ICQ and AOL messenger", "tcp/5190"],
  IMAP: ["Internet Message Access Protocol", "tcp/143"],
  IMAPS: ["Internet Message Access Protocol over TLS", "tcp/993"],
  IPIP: ["IP in IP", "94"],
  IPsec: ["IPsec", "udp/500<500 50"],
  IPsecah: ["IPsec with authentication header", "udp/500<500 51"],
  IPsecnat: ["IPsec through NAT", "udp/500 udp/4500 50"],
  IRC: ["Internet Relay Chat", "tcp/6667"],
  Jetdirect: ["HP Jetdirect printers", "tcp/9100"],
  L2TP: ["Layer 2 Tunneling Protocol", "udp/1701"],
  LDAP: ["Lightweight Directory Access Protocol", "tcp/389"],
  LDAPS: ["Lightweight Directory Access Protocol over TLS", "tcp/636"],
  MDNS: ["Multicast DNS", "udp/5353"],
  MSNP: ["Microsoft Notification Protocol", "tcp/1863"],
  MSSQL: ["Microsoft SQL Server", "tcp/1433"],
  Mail: ["Mail: SMTP, SMTPS, submission", "tcp/25 tcp/465 tcp/587"],
  Munin: ["Munin monitoring", "tcp/4949"],
  MySQL: ["MySQL", "tcp/3306"],
  NNTP: ["Usenet news", "tcp/119"],
  NNTPS: ["Usenet news over TLS", "tcp/563"],
  NTP: ["Network Time Protocol", "udp/123"],
  NeighborDiscovery: [
    "IPv6 neighbor discovery",
    "",
    "icmpv6/router-solicitation icmpv6/router-advertisement icmpv6/neighbor-solicitation icmpv6/neighbor-advertisement",
  ],
  OSPF: ["Open Shortest Path First", "89"],
  OpenVPN: ["OpenVPN", "udp/1194"],
  PCA: ["Symantec pcAnywhere", "udp/5632 tcp/5631"],
  PMG: ["Proxmox Mail Gateway, web interface", "tcp/8006"],
  POP3: ["Post Office Protocol 3", "tcp/110"],
  POP3S: ["Post Office Protocol 3 over TLS", "tcp/995"],
  PPtP: ["Point-to-Point Tunneling Protocol", "47 tcp/1723"],
  Ping: ["ICMP echo", "icmp/echo-request", "icmpv6/echo-request"],
  PostgreSQL: ["PostgreSQL", "tcp/5432"],
  Printer: ["Line printer daemon", "tcp/515"],
  RDP: ["Microsoft Remote Desktop Protocol", "tcp/3389"],
  RIP: ["Routing Information Protocol", "udp/520"],
  RNDC: ["Remote control of BIND", "tcp/953"],
  Razor: ["Razor spam filter", "tcp/2703"],
  Rdate: ["Time by rdate", "tcp/37"],
  Rsync: ["Rsync daemon", "tcp/873"],
  SANE: ["Scanners in the network", "tcp/6566"],
  SMB: ["Microsoft file sharing", "udp/135,445 udp/137:139 udp/1024:65535<137 tcp/135,139,445"],
  SMBswat: ["Samba's web administration", "tcp/901"],
  SMTP: ["Simple Mail Transfer Protocol", "tcp/25"],
  SMTPS: ["Simple Mail Transfer Protocol over TLS", "tcp/465"],
  SNMP: ["Simple Network Management Protocol", "udp/161:162 tcp/161"],
  SPAMD: ["SpamAssassin daemon", "tcp/783"],
  SPICEproxy: ["Proxmox VE's proxy for SPICE displays", "tcp/3128"],
  SSH: ["Secure shell", "tcp/22"],
  SVN: ["Subversion daemon", "tcp/3690"],
  SixXS: ["SixXS tunnel broker", "tcp/3874 udp/3740 41 udp/5072,8374"],
  Squid: ["Squid proxy", "tcp/3128"],
  Submission: ["Mail submission", "tcp/587"],
  Syslog: ["Syslog, RFC 5424", "udp/514 tcp/514"],
  TFTP: ["Trivial File Transfer Protocol", "udp/69"],
  Telnet: ["Telnet", "tcp/23"],
  Telnets: ["Telnet over TLS", "tcp/992"],
  Time: ["Time protocol, RFC 868", "tcp/37"],
  Trcrt: ["Traceroute of up to 30 hops", "udp/33434:33524 icmp/echo-request", "udp/33434:33524 icmpv6/echo-request"],
  VNC: ["VNC displays 0 to 99", "tcp/5900:5999"],
  VNCL: ["VNC servers that call listening viewers", "tcp/5500"],
  Web: ["Web, HTTP and HTTPS", "tcp/80 tcp/443"],
  Webcache: ["Web cache on port 8080", "tcp/8080"],
  Webmin: ["Webmin", "tcp/10000"],
  Whois: ["Whois, RFC 3912", "tcp/43"],
};

/** Every macro of pve-firewall. */
export const macros: readonly Macro[] = Object.entries(table).map(([name, [description, matches, matches6]]) => ({
  name,
  description,
  matches: parseMatches(matches === "" ? (matches6 ?? "") : matches),
  ...(matches6 === undefined ? {} : { matches6: parseMatches(matches6) }),
  only6: matches === "",
}));

const byName = new Map(macros.map((macro) => [macro.name.toLowerCase(), macro]));

/** A macro by its name, in whatever case. */
export function findMacro(name: string): Macro | undefined {
  return byName.get(name.toLowerCase());
}

function parseMatches(text: string): MacroMatch[] {
  return text.split(" ").map((match) => {
    const [, proto = "", dport, sport] = /^([^/]+)(?:\/([^<]+)(?:<(.+))?)?$/.exec(match) ?? [];
    return { proto, ...(dport === undefined ? {} : { dport }), ...(sport === undefined ? {} : { sport }) };
  });
}
