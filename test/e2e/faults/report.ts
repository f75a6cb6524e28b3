import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { Outcome } from "./try-case.ts";

/** What an earlier run came to know, which one that goes on need not try again; what was bad is tried again. */
export function readOutcomes(file: string): Outcome[] {
  if (!existsSync(dataOf(file))) return [];
  return z
    .array(Outcome)
    .parse(JSON.parse(readFileSync(dataOf(file), "utf8")))
    .filter(({ bad }) => bad.length === 0);
}

function dataOf(file: string): string {
  return `${file}.json`;
}

/** Writes what came of faults as Markdown: a table by kind, all of them, and what was said where something was bad. */
export function writeReport(file: string, outcomes: readonly Outcome[], planned: number): void {
  const rows = [...new Set(outcomes.map(({ fault }) => fault))].sort().map((fault) =>
    renderRow(
      fault,
      outcomes.filter((outcome) => outcome.fault === fault),
    ),
  );
  const lines = outcomes.map(
    ({ title, kind, bad }) =>
      `- ${bad.length > 0 ? "**bad** " : ""}${title}: ${kind}${bad.map((text) => `. ${text}`).join("")}`,
  );
  const details = outcomes
    .filter(({ bad }) => bad.length > 0)
    .map(({ title, said }) => `## ${title}\n\n\`\`\`\n${said}\n\`\`\``);
  const table = [
    "| fault | tried | came through by retry | stopped, and led on | bad |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    renderRow("all", outcomes),
  ].join("\n");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    [`${outcomes.length} of ${planned} faults tried.`, table, lines.sort().join("\n"), ...details].join("\n\n"),
  );
  writeFileSync(dataOf(file), JSON.stringify(outcomes));
}

function renderRow(name: string, outcomes: readonly Outcome[]): string {
  const fine = outcomes.filter(({ bad }) => bad.length === 0);
  const count = (kind: Outcome["kind"]) => fine.filter((outcome) => outcome.kind === kind).length;
  const bad = outcomes.length - fine.length;
  return `| ${name} | ${outcomes.length} | ${count("succeeded")} | ${count("stopped")} | ${bad} |`;
}
