import { guestOf } from "./guests.ts";
import { nowhere, seen, theOne, told, type Cluster, type Recipe, type Target } from "./mutation.ts";

const guarded = nowhere("Which guest it guards; it is in that guest.");

/** How each setting of a firewall is changed. */
export const firewalls: Readonly<Record<string, Readonly<Record<string, Recipe>>>> = {
  "proxmoxve:cluster/firewallLegacy:FirewallLegacy": {
    ebtables: seen(false, datacenter("ebtables", "0")),
    enabled: seen(false, datacenter("enable", "0")),
    forwardPolicy: seen("DROP", datacenter("policy_forward", "DROP")),
    inputPolicy: seen("DROP", datacenter("policy_in", "DROP")),
    outputPolicy: seen("REJECT", datacenter("policy_out", "REJECT")),
    "logRatelimit.burst": seen(77, datacenter("log_ratelimit", "enable=1,burst=77,rate=1/second")),
    "logRatelimit.enabled": seen(false, datacenter("log_ratelimit", "enable=0,burst=5,rate=1/second")),
    "logRatelimit.rate": seen("7/minute", datacenter("log_ratelimit", "enable=1,burst=5,rate=7/minute")),
  },
  "proxmoxve:node/firewall:Firewall": {
    enabled: seen(true, ({ nodes }, { name, inputs }) => {
      theOne(nodes[String(inputs["nodeName"])], name).firewall.options["enable"] = "1";
    }),
    nodeName: nowhere("Which node it guards; it is on that node."),
  },
  "proxmoxve:firewall/optionsLegacy:OptionsLegacy": {
    nodeName: guarded,
    vmId: guarded,
    dhcp: option("dhcp", "dhcp"),
    enabled: option("enabled", "enable"),
    ipfilter: option("ipfilter", "ipfilter"),
    macfilter: option("macfilter", "macfilter"),
    ndp: option("ndp", "ndp"),
    radv: option("radv", "radv"),
    inputPolicy: option("inputPolicy", "policy_in", "REJECT"),
    outputPolicy: option("outputPolicy", "policy_out", "REJECT"),
  },
  "proxmoxve:firewall/rulesLegacy:RulesLegacy": {
    nodeName: guarded,
    vmId: guarded,
    "rules[].action": rule("action", (value) => (value === "ACCEPT" ? "REJECT" : "ACCEPT")),
    "rules[].comment": rule("comment", () => "mine"),
    "rules[].dest": rule("dest", () => "10.77.0.0/24"),
    "rules[].dport": rule("dport", () => "7777"),
    "rules[].enabled": {
      ...rule("enable", () => "0"),
      expected: ({ subject, path }) => [{ kind: "changed", what: `${subject}: ${path}`, was: true, is: false }],
    },
    "rules[].proto": rule("proto", (value) => (value === "tcp" ? "udp" : "tcp")),
    "rules[].source": rule("source", () => "10.77.0.0/24"),
    "rules[].type": rule("type", (value) => (value === "in" ? "out" : "in")),
  },
};

function datacenter(key: string, value: string) {
  return ({ firewall }: Cluster) => {
    firewall.options[key] = value;
  };
}

/** Without a text of its own an option is switched to the other side. */
function option(_: string, key: string, text?: string): Recipe {
  return told(
    ({ subject, path, value }) => [
      { kind: "changed", what: `${subject}: ${path}`, was: value, is: text ?? value !== true },
    ],
    (cluster, target) => {
      guestOf(cluster, target).firewall.options[key] = text ?? (target.value === true ? "0" : "1");
    },
  );
}

function rule(key: string, other: (value: unknown) => string): Recipe {
  return told(
    ({ subject, path, value }) => [{ kind: "changed", what: `${subject}: ${path}`, was: value, is: other(value) }],
    (cluster, target: Target) => {
      const own = theOne(guestOf(cluster, target).firewall.rules[target.index], target.path);
      own[key] = other(target.value);
    },
  );
}
