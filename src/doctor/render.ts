import Table from "cli-table3";
import { countOf, type Finding, type Status } from "./finding.ts";

const marks: Readonly<Record<Status, string>> = { ok: "✓", warning: "!", problem: "✗" };

/**
 * Shows findings: a table with a line for each, and below it what to do about those that are not fine.
 * @param width of the terminal, in characters
 */
export function renderFindings(findings: readonly Finding[], width: number): string {
  const subjects = Math.max(0, ...findings.map(({ subject }) => subject.length));
  const texts = Math.max(30, Math.min(width - subjects - 12, ...[longestText(findings)]));
  const table = new Table({
    head: ["", "What", "Finding"],
    colWidths: [3, subjects + 2, texts + 2],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const { status, subject, text } of findings) table.push([marks[status], subject, text]);
  const open = findings.filter(({ status }) => status !== "ok");
  return `${[table.toString(), ...open.map(renderRemedy), renderSummary(findings)].join("\n\n")}\n`;
}

function renderRemedy({ status, subject, text, remedy = "" }: Finding): string {
  const lines = `${text}\n${remedy}`.split("\n");
  return [`${marks[status]} ${subject}`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function renderSummary(findings: readonly Finding[]): string {
  const count = (status: Status) => findings.filter((finding) => finding.status === status).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  if (problems > 0) return `${countOf(problems, "thing")} to do before npm run pulumi -- up can work.`;
  const unchecked = findings.filter((finding) => finding.unchecked === true).length;
  if (unchecked > 0) return `${countOf(unchecked, "thing")} could not be checked; nothing that was stands in the way.`;
  if (warnings > 0) return `Nothing stands in the way; ${countOf(warnings, "thing")} to know.`;
  return "Nothing stands in the way.";
}

function longestText(findings: readonly Finding[]): number {
  return Math.max(0, ...findings.map(({ text }) => text.length));
}
