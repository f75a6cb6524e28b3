import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context, Returns } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { checkDigest, digestOf } from "../section-config.ts";
import type { FirewallRule } from "../state/cluster.ts";
import { checkRule, requireRule } from "./check-rule.ts";
import type { Environment, Level, RuleBook } from "./level.ts";
import { findMacro } from "./macros.ts";
import { knownNames } from "./names.ts";

type Rule = Returns<"GET /cluster/firewall/rules/{pos}">;

interface Position {
  /** Required by its place in the path, whatever the schema says. */
  readonly pos?: number;
}

interface Change extends Position {
  readonly digest?: string;
  readonly delete?: string;
  readonly moveto?: number;
}

/** What a line of a firewall file can say of a rule, besides its type and action. */
const details = [
  "enable",
  "macro",
  "iface",
  "source",
  "dest",
  "proto",
  "dport",
  "sport",
  "log",
  "icmp-type",
  "comment",
];
const properties = ["type", "action", ...details];

/** The rules of a firewall: an ordered list, in which a rule is known by its position. */
export function ruleHandlers<Target>(level: Level<Target, RuleBook>) {
  const { environment } = level;
  return {
    GET: (target: Target, context: Context) => {
      const book = level.read(target, context);
      return book.rules.map((rule, pos) => showRule(rule, pos, book, environment, context));
    },
    // Proxmox takes `pos`, and puts the rule first all the same.
    POST: (parameters: Target & Position, context: Context) => {
      const book = level.write(parameters, context);
      const rule = { enable: "0", ...valuesOf(parameters) };
      book.rules.unshift(acceptRule(rule, book, environment, context));
      return null;
    },
    "GET /{pos}": (parameters: Target & Position, context: Context) => {
      const book = level.read(parameters, context);
      const pos = positionOf(book, parameters);
      const rule = showRule(book.rules[pos] ?? {}, pos, book, environment, context);
      // Perl answers with the position as it stood in the path: as text, whatever the schema says.
      return { ...rule, pos: String(pos) } as unknown as Rule;
    },
    "PUT /{pos}": (parameters: Target & Change, context: Context) => {
      const book = level.write(parameters, context);
      checkDigest(book.rules, parameters.digest);
      const pos = positionOf(book, parameters);
      const { moveto, delete: remove } = parameters;
      if (moveto !== undefined && moveto !== pos) book.rules = moveRule(book.rules, pos, moveto);
      else {
        const rule = removeDetails({ ...book.rules[pos], ...valuesOf(parameters) }, remove);
        book.rules[pos] = acceptRule(rule, book, environment, context);
      }
      return null;
    },
    "DELETE /{pos}": (parameters: Target & Change, context: Context) => {
      const book = level.write(parameters, context);
      checkDigest(book.rules, parameters.digest);
      book.rules.splice(positionOf(book, parameters), 1);
      return null;
    },
  };
}

function positionOf({ rules }: RuleBook, { pos = 0 }: Position): number {
  if (pos >= rules.length) throw new ApiError(500, `no rule at position ${pos}`);
  return pos;
}

/** A rule that moves down ends before the one that was at the new position. */
function moveRule(rules: readonly FirewallRule[], from: number, to: number): FirewallRule[] {
  const moved = rules.slice(from, from + 1);
  return [
    ...rules.slice(0, to).filter((_, index) => index !== from),
    ...moved,
    ...rules.slice(to).filter((_, index) => index + to !== from),
  ];
}

/** The properties that a request sets, as text. */
function valuesOf(parameters: object): FirewallRule {
  const entries = Object.entries(parameters).filter(([name]) => properties.includes(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function removeDetails(rule: FirewallRule, names: string | undefined): FirewallRule {
  const removed = splitList(names);
  for (const name of removed) {
    if (name === "type" || name === "action")
      throw invalidParameters({ delete: `unable to delete required property '${name}'` });
    if (!details.includes(name) && name !== "pos" && name !== "digest")
      throw invalidParameters({ delete: `no such property ('${name}')` });
  }
  return Object.fromEntries(Object.entries(rule).filter(([name]) => !removed.includes(name)));
}

/** Checks a rule, and reduces it to what its line in the file can say. */
function acceptRule(rule: FirewallRule, book: RuleBook, environment: Environment, context: Context): FirewallRule {
  // An empty value or a dash takes back what was set.
  const given = Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== "" && value !== "-"));
  requireRule(given, environment, knownNames(context, book));
  const { type, action, enable = "1", macro, comment = "" } = given;
  const kept = properties.filter((name) => type !== "group" || ["iface", "macro"].includes(name));
  return {
    ...Object.fromEntries(Object.entries(given).filter(([name]) => kept.includes(name))),
    ...(type === undefined || action === undefined ? {} : { type, action }),
    ...(macro === undefined ? {} : { macro: findMacro(macro)?.name ?? macro }),
    enable: enable === "0" ? "0" : "1",
    ...(comment.trim() === "" ? {} : { comment: comment.trim() }),
  };
}

function showRule(rule: FirewallRule, pos: number, book: RuleBook, environment: Environment, context: Context): Rule {
  const { errors, version } = checkRule(rule, environment, knownNames(context, book));
  const { type = "", action = "", enable, ...rest } = rule;
  return {
    ...(rest as Partial<Rule>),
    type,
    action,
    enable: Number(enable ?? 1),
    pos,
    digest: digestOf(book.rules),
    ...(version === undefined ? {} : { ipversion: version }),
    ...(Object.keys(errors).length === 0 ? {} : { errors }),
  };
}
