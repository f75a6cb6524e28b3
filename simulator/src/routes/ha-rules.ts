import { ApiError, explainFailure } from "../api-error.ts";
import { findProblems, nodesOf, resourcesOf } from "../ha/rules.ts";
import { resourceFormat, ruleFormat } from "../ha/state.ts";
import type { Handlers } from "../handlers.ts";
import { addSection, fileDigest, findSection, sectionsOf, showSection, updateSection } from "../section-file.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

/** Where resources of HA may be, and with whom. */
export const haRuleHandlers: Handlers = {
  "GET /cluster/ha/rules": ({ type, resource }, { world }) =>
    Object.entries(sectionsOf(world, ruleFormat))
      .filter(([, rule]) => type === undefined || rule["type"] === type)
      .filter(([, rule]) => resource === undefined || resourcesOf(rule).includes(resource))
      .map(([id]) => describeRule(world, id)),
  "POST /cluster/ha/rules": ({ rule: id, type, ...values }, { world }) =>
    explainFailure("create ha rule failed", () => {
      if (sectionsOf(world, ruleFormat)[id] !== undefined) throw new ApiError(500, `HA rule '${id}' already defined`);
      const rule = addSection(world, ruleFormat, id, type, values);
      requireKnown(world, rule);
      normalize(rule);
      requireFeasible(world, id);
      return null;
    }),
  "GET /cluster/ha/rules/{rule}": ({ rule }, { world }) => describeRule(world, rule),
  "PUT /cluster/ha/rules/{rule}": ({ rule: id, type, delete: remove, digest, ...values }, { world }) =>
    explainFailure("update HA rules failed", () => {
      const missing = `HA rule '${id}' does not exist`;
      if (type !== findSection(world, ruleFormat, id, missing)["type"]) throw new ApiError(500, "types does not match");
      const rule = updateSection(world, ruleFormat, id, { delete: remove, digest, values }, missing);
      requireKnown(world, rule);
      normalize(rule);
      requireFeasible(world, id);
      return null;
    }),
  "DELETE /cluster/ha/rules/{rule}": ({ rule }, { world }) => {
    Reflect.deleteProperty(sectionsOf(world, ruleFormat), rule);
    return null;
  },
};

function describeRule(world: World, id: string) {
  const rules = sectionsOf(world, ruleFormat);
  const rule = findSection(world, ruleFormat, id, `no such ha rule '${id}'`);
  const problems = findProblems(rules, Object.keys(world.state.nodes))[id];
  return {
    ...showSection(ruleFormat, rule),
    type: rule["type"] as "node-affinity" | "resource-affinity",
    rule: id,
    order: Object.keys(rules).indexOf(id) + 1,
    digest: fileDigest(world, ruleFormat),
    ...(problems === undefined ? {} : { errors: { resources: problems } }),
  };
}

function requireKnown(world: World, rule: Section): void {
  const managed = sectionsOf(world, resourceFormat);
  const unmanaged = resourcesOf(rule).filter((sid) => managed[sid] === undefined);
  if (unmanaged.length > 0) throw new ApiError(500, `cannot use unmanaged resource(s) ${unmanaged.sort().join(", ")}.`);
  const unknown = [...nodesOf(rule).keys()].filter((node) => world.state.nodes[node] === undefined);
  if (unknown.length > 0) throw new ApiError(500, `cannot use non-existant node(s) ${unknown.sort().join(", ")}.`);
}

/** The file has lists in order, and no priority that is the default. */
function normalize(rule: Section): void {
  rule["resources"] = [...new Set(resourcesOf(rule))].sort().join(",");
  if (rule["nodes"] === undefined) return;
  rule["nodes"] = [...nodesOf(rule)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([node, priority]) => (priority === 0 ? node : `${node}:${priority}`))
    .join(",");
}

function requireFeasible(world: World, id: string): void {
  const problems = findProblems(sectionsOf(world, ruleFormat), Object.keys(world.state.nodes))[id];
  if (problems !== undefined) {
    throw new ApiError(400, `Rule '${id}' is invalid.`, { resources: problems.join(", ") });
  }
}
