import { z } from "zod";
import { GoYamlError, readGoYaml } from "../go-yaml.ts";
import { rulesShape } from "./shapes.ts";

const Rule = z.looseObject({
  record: z.string().default(""),
  alert: z.string().default(""),
  expr: z.coerce.string().default(""),
});
const Groups = z.object({
  groups: z
    .array(z.object({ name: z.coerce.string().default(""), rules: z.array(Rule).nullish() }))
    .nullish()
    .transform((groups) => groups ?? []),
});

/** How many rules are in a file, or everything that is wrong with it. */
export function checkRules(text: string): { readonly count: number } | { readonly problems: readonly string[] } {
  let groups: z.infer<typeof Groups>["groups"];
  try {
    ({ groups } = Groups.parse(readGoYaml(text, rulesShape)));
  } catch (error) {
    if (error instanceof GoYamlError) return { problems: [error.message] };
    throw error;
  }
  const names = groups.map(({ name }) => name);
  const problems = groups.flatMap(({ name, rules }, index) => [
    ...(name === "" ? ["Groupname must not be empty"] : []),
    ...(names.indexOf(name) < index ? [`groupname: "${name}" is repeated in the same file`] : []),
    ...(rules ?? []).flatMap((rule, at) =>
      ruleProblems(rule).map(
        (problem) => `group "${name}", rule ${at + 1}, "${rule.record === "" ? rule.alert : rule.record}": ${problem}`,
      ),
    ),
  ]);
  const count = groups.reduce((sum, { rules }) => sum + (rules ?? []).length, 0);
  return problems.length === 0 ? { count } : { problems };
}

function ruleProblems(rule: z.infer<typeof Rule>): string[] {
  const { record, alert, expr } = rule;
  return [
    ...(record !== "" && alert !== "" ? ["only one of 'record' and 'alert' must be set"] : []),
    ...(record === "" && alert === "" ? ["one of 'record' or 'alert' must be set"] : []),
    ...(expr === "" ? ["field 'expr' must be set in rule"] : []),
    ...(record === "" ? [] : ["for", "keep_firing_for", "annotations"])
      .filter((field) => field in rule)
      .map((field) => `invalid field '${field}' in recording rule`),
  ];
}
