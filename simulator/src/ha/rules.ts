import { splitList } from "../lists.ts";
import type { Section, Sections } from "../state/cluster.ts";

type Entry = readonly [id: string, rule: Section];

/** What is wrong with rules, by rule. */
export type RuleProblems = Readonly<Record<string, readonly string[]>>;

/** Finds rules that can't be kept, alone or together with others: PVE::HA::Rules::check_feasibility. */
export function findProblems(rules: Sections, nodes: readonly string[]): RuleProblems {
  const enabled = Object.entries(rules).filter(([, rule]) => rule["disable"] !== "1");
  const problems: Record<string, string[]> = {};
  const blame = (ids: readonly string[], problem: string) => {
    for (const id of ids) (problems[id] ??= []).push(problem);
  };
  const ofType = (type: string) => enabled.filter(([, rule]) => rule["type"] === type);
  const nodeRules = ofType("node-affinity");
  const resourceRules = ofType("resource-affinity");
  checkSharedResources(nodeRules, blame);
  checkCounts(resourceRules, nodes, blame);
  checkContradictions(resourceRules, blame);
  checkPriorities(resourceRules, nodeRules, blame);
  checkPlaces(resourceRules, nodeRules, blame);
  return problems;
}

/** The resources of a rule. */
export function resourcesOf(rule: Section): string[] {
  return splitList(rule["resources"]);
}

/** The nodes of a rule, with their priorities. */
export function nodesOf(rule: Section): ReadonlyMap<string, number> {
  const entries = splitList(rule["nodes"]).map((text) => text.split(":"));
  return new Map(entries.map(([node = "", priority = "0"]) => [node, Number(priority)]));
}

type Blame = (ids: readonly string[], problem: string) => void;

function checkSharedResources(rules: readonly Entry[], blame: Blame): void {
  for (const [id, rule] of rules) {
    for (const sid of resourcesOf(rule)) {
      const shared = rules.some(([other, { resources }]) => other !== id && splitList(resources).includes(sid));
      if (shared) blame([id], `resource '${sid}' is already used in another node affinity rule`);
    }
  }
}

function checkCounts(rules: readonly Entry[], nodes: readonly string[], blame: Blame): void {
  for (const [id, rule] of rules) {
    const count = resourcesOf(rule).length;
    if (count < 2) blame([id], "rule is ineffective as there are less than two resources");
    if (rule["affinity"] === "negative" && count > nodes.length) {
      blame([id], "rule defines more resources than available nodes");
    }
  }
}

function checkContradictions(rules: readonly Entry[], blame: Blame): void {
  for (const [positive, together] of rules.filter(([, { affinity }]) => affinity === "positive")) {
    for (const [negative, apart] of rules.filter(([, { affinity }]) => affinity === "negative")) {
      if (common(together, apart).length < 2) continue;
      blame([positive], "rule shares two or more resources with a negative resource affinity rule");
      blame([negative], "rule shares two or more resources with a positive resource affinity rule");
    }
  }
}

function checkPriorities(resourceRules: readonly Entry[], nodeRules: readonly Entry[], blame: Blame): void {
  for (const [id, rule] of resourceRules) {
    const paired = nodeRules.filter(([, other]) => common(rule, other).length > 0);
    if (!paired.some(([, other]) => new Set(nodesOf(other).values()).size > 1)) continue;
    blame([id], "resources are in node affinity rules with multiple priorities");
    blame(
      paired.map(([other]) => other),
      "resources are in a resource affinity rule and cannot be in a node affinity rule with multiple priorities",
    );
  }
}

/** What has to be together may have one rule for nodes only, and what has to be apart needs as many nodes. */
function checkPlaces(resourceRules: readonly Entry[], nodeRules: readonly Entry[], blame: Blame): void {
  for (const [id, rule] of resourceRules) {
    const paired = nodeRules.filter(([, other]) => common(rule, other).length > 0);
    const pairedIds = paired.map(([other]) => other);
    if (rule["affinity"] === "positive") {
      if (paired.length < 2) continue;
      blame([id], "resources are in multiple node affinity rules");
      blame(
        pairedIds,
        "at least one resource is in a positive resource affinity rule and there are other resources in at least one other node affinity rule already",
      );
      continue;
    }
    const located = new Set(paired.flatMap(([, other]) => common(rule, other)));
    const allowed = new Set(paired.flatMap(([, other]) => [...nodesOf(other).keys()]));
    if (allowed.size >= located.size) continue;
    blame([id], "two or more resources are restricted to less nodes than available to the resources");
    blame(
      pairedIds,
      "at least one resource is in a negative resource affinity rule and this rule would restrict these to less nodes than available to the resources",
    );
  }
}

function common(a: Section, b: Section): string[] {
  const others = resourcesOf(b);
  return resourcesOf(a).filter((sid) => others.includes(sid));
}
