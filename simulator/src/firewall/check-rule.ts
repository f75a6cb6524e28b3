import { ApiError, invalidParameters } from "../api-error.ts";
import type { FirewallRule } from "../state/cluster.ts";
import { readAddressList } from "./addresses.ts";
import type { Environment } from "./level.ts";
import { findMacro } from "./macros.ts";
import { hasPorts, icmpVersion, isIcmpType, portsProblem, protocolProblem } from "./ports.ts";

/** What pve-firewall makes of a rule. */
export interface CheckedRule {
  /** By property: what is wrong, first things first. */
  readonly errors: Readonly<Record<string, string>>;
  /** That the rule is for, where its addresses or protocol tell. */
  readonly version: 4 | 6 | undefined;
}

/** The addresses that a rule may name. */
export interface KnownNames {
  readonly hasIpSet: (name: string) => boolean;
  /** The IP version of an alias, if there is one of that name. */
  readonly aliasVersion: (name: string, scope: string) => 4 | 6 | undefined;
}

const types: Readonly<Record<Environment, readonly string[]>> = {
  cluster: ["in", "out", "forward", "group"],
  host: ["in", "out", "forward", "group"],
  ct: ["in", "out", "group"],
  vm: ["in", "out", "group"],
  group: ["in", "out", "forward"],
  vnet: ["forward", "group"],
};

/** Looks for everything that is wrong with a rule, as pve-firewall does whenever it reads its file. */
export function checkRule(rule: FirewallRule, environment: Environment, names: KnownNames): CheckedRule {
  return new RuleCheck(rule, environment, names).run();
}

/**
 * Refuses a rule for the first thing that is wrong with it.
 * @throws {ApiError} 400
 */
export function requireRule(rule: FirewallRule, environment: Environment, names: KnownNames): void {
  const [first] = Object.entries(checkRule(rule, environment, names).errors);
  if (first === undefined) return;
  const [name, problem] = first;
  // An alias of the other IP version is found outside of what names the property.
  if (name === "") throw new ApiError(500, problem);
  throw invalidParameters({ [name]: problem });
}

class RuleCheck {
  readonly #rule: FirewallRule;
  readonly #environment: Environment;
  readonly #names: KnownNames;
  readonly #errors: Record<string, string> = {};
  #version: 4 | 6 | undefined;

  constructor(rule: FirewallRule, environment: Environment, names: KnownNames) {
    this.#rule = rule;
    this.#environment = environment;
    this.#names = names;
  }

  run(): CheckedRule {
    this.#checkType();
    this.#checkInterface();
    const { macro, proto = "" } = this.#rule;
    if (macro !== undefined && findMacro(macro) === undefined) this.#report("macro", `unknown macro '${macro}'`);
    this.#report("proto", protocolProblem(proto));
    this.#setVersion("proto", icmpVersion(proto));
    this.#checkPorts("dport");
    this.#checkIcmpType();
    this.#checkPorts("sport");
    this.#checkAddresses("source");
    this.#checkAddresses("dest");
    if (macro !== undefined && Object.keys(this.#errors).length === 0) this.#checkMacro(macro);
    return { errors: this.#errors, version: this.#version };
  }

  #report(name: string, problem: string | undefined): void {
    if (problem !== undefined) this.#errors[name] ??= problem;
  }

  #setVersion(name: string, version: 4 | 6 | undefined): void {
    if (version === undefined) return;
    if (this.#version !== undefined && this.#version !== version)
      this.#report(name, "detected mixed ipv4/ipv6 addresses in rule");
    else this.#version = version;
  }

  #checkType(): void {
    const { type = "", action = "" } = this.#rule;
    if (!types[this.#environment].includes(type))
      this.#report("type", `invalid rule type '${type}' for rule_env '${this.#environment}'`);
    if (type === "group") return;
    if (type === "forward" && action === "REJECT")
      this.#report("action", "cannot define REJECT rules on forward chain");
    if (!["ACCEPT", "DROP", "REJECT"].includes(action)) this.#report("action", `unknown action '${action}'`);
  }

  #checkInterface(): void {
    const { iface } = this.#rule;
    const environment = this.#environment;
    if (iface === undefined) return;
    if (environment === "group" || environment === "vnet")
      this.#report("type", "parameter -i not allowed for this rule type");
    if ((environment === "vm" || environment === "ct") && !/^net\d+$/.test(iface))
      this.#report("iface", String.raw`value does not match the regex pattern 'net\d+'`);
  }

  #checkPorts(name: "dport" | "sport"): void {
    const { proto = "", [name]: ports } = this.#rule;
    if (ports === undefined) return;
    const icmp = name === "dport" && icmpVersion(proto) !== undefined;
    this.#report(name, portsProblem(ports, icmp));
    if (proto === "") this.#report("proto", `missing property - '${name}' requires this property`);
    else if (!hasPorts(proto) && !icmp) this.#report(name, `protocol '${proto}' does not support ports`);
  }

  #checkIcmpType(): void {
    const { proto = "", dport, "icmp-type": type } = this.#rule;
    if (type === undefined) return;
    const version = icmpVersion(proto);
    if (version === undefined) this.#report("proto", "missing property - 'icmp-type' requires this property");
    else if (dport !== undefined) this.#report("icmp-type", "'icmp-type' cannot be specified together with 'dport'");
    else if (!isIcmpType(version, type)) this.#report("icmp-type", `invalid icmp-type '${type}' for proto '${proto}'`);
  }

  #checkAddresses(name: "source" | "dest"): void {
    const text = this.#rule[name];
    if (text === undefined) return;
    const list = readAddressList(text);
    if ("problem" in list) this.#report(name, list.problem);
    else this.#setVersion(name, list.version);
    if (text.startsWith("+")) this.#checkIpSet(name, text);
    else this.#checkAlias(name, text);
  }

  #checkIpSet(name: string, text: string): void {
    const [, ipset] = /^\+(?:guest\/|dc\/|sdn\/)?([A-Za-z][A-Za-z0-9\-_]+)$/.exec(text) ?? [];
    if (ipset === undefined) this.#report(name, `invalid ipset name '${text}'`);
    else if (!this.#names.hasIpSet(ipset)) this.#report(name, `no such ipset '${ipset}'`);
  }

  #checkAlias(name: string, text: string): void {
    const [, scope = "", alias] = /^(guest\/|dc\/)?([A-Za-z][A-Za-z0-9\-_]+)$/.exec(text) ?? [];
    if (alias === undefined) return;
    const version = this.#names.aliasVersion(alias.toLowerCase(), scope);
    if (version === undefined) this.#report(name, `no such alias '${text}'`);
    else this.#setVersion("", version);
  }

  /** A macro's protocols and ports can't be changed by the rule that uses it. */
  #checkMacro(name: string): void {
    const macro = findMacro(name);
    if (macro === undefined || (macro.only6 && this.#version === 4)) return;
    const matches = this.#version === 6 ? (macro.matches6 ?? macro.matches) : macro.matches;
    for (const match of matches) {
      for (const [property, value] of Object.entries(match)) {
        const given = this.#rule[property];
        if (given !== undefined && given !== value)
          this.#report(property, `parameter '${property}' already define in macro (value = '${String(value)}')`);
      }
    }
  }
}
