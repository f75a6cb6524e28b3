import { renderCommands, type NodeWork } from "../edits/edit.ts";
import { holdsData, operations, type Change } from "./changes.ts";
import type { Restart } from "./downtime.ts";
import { escapeHtml, escapeMarkdown } from "./escape-markdown.ts";
import { renderProperty } from "./render-property.ts";

/** What is told of a preview. */
export interface PreviewReport {
  readonly stack: string;
  readonly changes: readonly Change[];
  readonly restarts: readonly Restart[];
  /** A sentence for each guest that is deleted by name. */
  readonly losses: readonly string[];
  /** What Proxmox VE does before the engine runs. */
  readonly works: readonly NodeWork[];
  /** Sentences about rules that do not hold. */
  readonly waivers: readonly string[];
  readonly warnings: readonly string[];
  /** Why there is no whole preview; empty where there is one. */
  readonly errors: readonly string[];
}

/** How long a comment may be on GitHub, less what surrounds the changes. */
const room = 60_000;

/** The hidden line that a comment about a stack's preview begins with, by which the next run finds it. */
export function commentMarker(stack: string): string {
  return `<!-- homelab preview of ${stack} -->`;
}

/** Shows a preview in Markdown: what is lost, how much changes, which guests restart, what is waived, and each change. */
export function renderPreview(report: PreviewReport): string {
  const { stack, changes, restarts, waivers, warnings, errors } = report;
  const sections = [
    commentMarker(stack),
    `## Preview of ${stack}: ${summarize(report)}`,
    ...(errors.length === 0 ? [] : [fence("text", errors.join("\n"))]),
    ...lossesOf(changes),
    ...report.losses.map((loss) => `- **${escapeMarkdown(loss)}**`),
    ...renderWorks(report.works),
    ...(changes.length === 0 ? [] : [renderCounts(changes)]),
    ...(changes.length === 0 ? [] : [renderRestarts(restarts)]),
    ...section("Waivers in force", waivers),
    ...section("Warnings", warnings),
  ];
  return `${[...sections, ...renderChanges(changes, room - sections.join("\n\n").length)].join("\n\n")}\n`;
}

function summarize({ changes, losses, works, errors }: PreviewReport): string {
  if (errors.length > 0) return "it fails";
  if (losses.length > 0) return losses.length === 1 ? "1 guest is deleted" : `${losses.length} guests are deleted`;
  if (works.length === 1) return "1 guest changes on its node first";
  if (works.length > 1) return `${works.length} guests change on their nodes first`;
  const resources = changes.filter(({ word }) => word !== "component");
  return resources.length === 0
    ? "nothing to do"
    : `${resources.length} ${resources.length === 1 ? "resource changes" : "resources change"}`;
}

function lossesOf(changes: readonly Change[]): string[] {
  const lost = changes.filter((change) => holdsData(change) && ["replace", "delete"].includes(change.operation));
  const lines = lost.map(({ word, name, operation, properties }) => {
    // The engine does not always say which of the properties it is for.
    const known = properties.filter(({ replaces }) => replaces);
    const causes = (known.length > 0 ? known : properties).map(({ property }) => `\`${property}\``);
    const why = causes.length === 0 ? "" : ` for ${causes.join(", ")}`;
    return `- **The ${word} ${name} is ${operation}d${why}: what is in it is lost.**`;
  });
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function renderCounts(changes: readonly Change[]): string {
  const row = (title: string, own: readonly Change[]) => {
    const counts = operations.map((operation) => own.filter((change) => change.operation === operation).length);
    return `| ${title} | ${counts.map((count) => (count === 0 ? "" : String(count))).join(" | ")} |`;
  };
  const words = [...new Set(changes.map(({ word }) => word))].sort();
  return [
    `| | ${operations.join(" | ")} |`,
    `| :- |${" -: |".repeat(operations.length)}`,
    ...words.map((word) =>
      row(
        word,
        changes.filter((change) => change.word === word),
      ),
    ),
    row("**all**", changes),
  ].join("\n");
}

/** Each guest with what it costs, and the commands. */
function renderWorks(works: readonly NodeWork[]): string[] {
  if (works.length === 0) return [];
  const lines = works.map(
    ({ guest, cost, commands }) =>
      `**${guest}**, ${cost}:\n\n${fence("text", renderCommands(commands).replaceAll("\n  ", "\n"))}`,
  );
  return [`### Done by Proxmox VE first\n\n${lines.join("\n\n")}`];
}

function renderRestarts(restarts: readonly Restart[]): string {
  if (restarts.length === 0) return "No guest restarts by an update.";
  const lines = restarts.map(
    ({ word, guest, properties }) =>
      `- the ${word} **${guest}**, for ${properties.map((property) => `\`${property}\``).join(", ")}`,
  );
  return `### Guests that restart\n\n${lines.join("\n")}`;
}

function section(title: string, sentences: readonly string[]): string[] {
  if (sentences.length === 0) return [];
  return [`### ${title}\n\n${sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`).join("\n")}`];
}

/** Each change with its properties, as far as there is room in a comment. */
function renderChanges(changes: readonly Change[], space: number): string[] {
  const rendered: string[] = [];
  let left = space;
  for (const [index, change] of changes.entries()) {
    const text = renderChange(change);
    left -= text.length + 2;
    if (left < 0)
      return [...rendered, `${changes.length - index} more changes have no room here; see \`pulumi preview --diff\`.`];
    rendered.push(text);
  }
  return rendered.length === 0 ? [] : ["### Changes", ...rendered];
}

function renderChange({ operation, word, name, properties }: Change): string {
  const title = `${operation} ${word} <b>${name}</b>`;
  if (properties.length === 0) return `- ${title}`;
  const names = properties.map(({ property }) => `<code>${escapeHtml(property)}</code>`).join(", ");
  const diff = fence("diff", properties.map(renderProperty).join("\n"));
  return `<details><summary>${title}: ${names}</summary>\n\n${diff}\n\n</details>`;
}

/** A block of code that nothing in the text can end. */
function fence(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}
