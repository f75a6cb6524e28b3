import type { Inventory } from "../inventory.ts";
import { suggestName } from "../suggest-name.ts";
import type { PolicyIssue, RuleIssue } from "./rule.ts";

/** Leaves out what the inventory waives, says how to waive the rest, and reports waivers that waive nothing. */
export function waive(issues: readonly PolicyIssue[], inventory: Inventory): RuleIssue[] {
  const { waivers } = inventory;
  const isWaived = ({ rule, subject }: PolicyIssue) =>
    waivers.some((waiver) => waiver.rule === rule && waiver.subject === subject);
  const broken = issues.filter((issue) => !isWaived(issue));
  const idle = waivers.flatMap(({ rule, subject }, index): RuleIssue[] => {
    if (issues.some((issue) => issue.rule === rule && issue.subject === subject)) return [];
    const subjects = issues.filter((issue) => issue.rule === rule).map((issue) => issue.subject);
    return [
      {
        path: ["waivers", index, "subject"],
        problem: `${subject} keeps to the rule ${rule}, so there is nothing to waive.`,
        remedy: subjects.length === 0 ? "Remove this waiver." : suggestName(subject, subjects),
      },
    ];
  });
  return [...broken.map(withWaiver), ...idle];
}

function withWaiver({ rule, subject, remedy, ...issue }: PolicyIssue): RuleIssue {
  return { ...issue, remedy: `${remedy} Or waive ${rule} for ${subject} in waivers.yaml, with the reason.` };
}
