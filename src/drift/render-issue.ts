import { escapeMarkdown } from "../report/escape-markdown.ts";
import type { Wanted } from "../report/keep-issue.ts";
import { driftsOf, exitCodeOf, type Drift, type Look } from "./drift.ts";
import { clean, renderValue } from "./render.ts";

/** What is to become of the issue about a stack's drift. */
export type DriftIssue =
  | Wanted
  /** Nobody knows whether there is drift, so that the issue stays as it is. */
  | { readonly kind: "unknown" };

/** How long a text may be on GitHub, less what surrounds the table. */
const room = 50_000;

/**
 * Decides what the issue about a stack's drift should say: opened with the drift there is, closed where there is none, and
 * left alone where not everything could be looked at and nothing was found.
 * @param run where the run that has looked can be seen
 */
export function renderIssue(stack: string, looks: readonly Look[], run: string | undefined): DriftIssue {
  const drifts = driftsOf(looks);
  const marker = `<!-- homelab drift of ${stack} -->`;
  if (drifts.length > 0) {
    const count = `${drifts.length} ${drifts.length === 1 ? "thing has" : "things have"} drifted`;
    return { kind: "open", marker, title: `Drift of ${stack}: ${count}`, body: renderBody(stack, looks, marker, run) };
  }
  if (exitCodeOf(looks) !== 0) return { kind: "unknown" };
  const comment = `No drift any more: all that could be looked at is as ${stack} has left it.${link(run)}`;
  return { kind: "closed", marker, comment };
}

function renderBody(stack: string, looks: readonly Look[], marker: string, run: string | undefined): string {
  const drifts = driftsOf(looks);
  const unmanaged = drifts.filter(({ kind }) => kind === "unmanaged");
  const changed = drifts.filter(({ kind }) => kind !== "unmanaged");
  const unchecked = looks.flatMap(({ subject, unchecked: why }) =>
    why?.incomplete === true ? [`- ${cell(subject)}, for ${cell(why.reason)}`] : [],
  );
  const sections = [
    ...(changed.length === 0
      ? []
      : [
          `### Not as ${stack} has left it`,
          ...renderTable(changed),
          `See what would bring it back, and let it: \`npm run drift -- --fix --stack ${stack}\`. What is meant to stay belongs into the inventory.`,
        ]),
    ...(unmanaged.length === 0
      ? []
      : [
          "### On the server, and nobody knows of it",
          ...renderTable(unmanaged),
          `Remove what does not belong there. What does, name in \`config/homelab/others.yaml\`; or describe it in the inventory, and take it into the stack: \`npm run adopt -- --stack ${stack}\`.`,
        ]),
    ...(unchecked.length === 0
      ? []
      : ["### Could not be looked at, so that there may be more", unchecked.slice(0, 100).join("\n")]),
    `This issue is kept by \`npm run drift -- --issue\`, and closed once there is no drift.${link(run)}`,
  ];
  return `${[marker, ...sections].join("\n\n")}\n`;
}

function renderTable(drifts: readonly Drift[]): string[] {
  const rows: string[] = [];
  let left = room / 2;
  for (const drift of drifts) {
    const row = renderRow(drift);
    left -= row.length + 1;
    if (left < 0) break;
    rows.push(row);
  }
  const rest = drifts.length - rows.length;
  return [
    ["| What | Where | Was | Is | Known of it |", "| :- | :- | :- | :- | :- |", ...rows].join("\n"),
    ...(rest === 0 ? [] : [`${rest} more have no room here.`]),
  ];
}

function renderRow({ what, where, was, is, inventory, cause, refusal }: Drift): string {
  const known = [
    ...(inventory === undefined ? [] : [cell(inventory)]),
    ...(cause === undefined ? [] : [`probably ${cell(cause.who)}, since ${cell(cause.since)} (${cell(cause.task)})`]),
    ...(refusal === undefined ? [] : [`not brought back: ${cell(refusal)}`]),
  ];
  const cells = [cell(what), cell(where), cell(renderValue(was)), cell(renderValue(is)), known.join("<br>")];
  return `| ${cells.join(" | ")} |`;
}

/** What a server tells is shown in one line, and is no markup. */
function cell(text: string): string {
  return escapeMarkdown(clean(text));
}

function link(run: string | undefined): string {
  return run === undefined ? "" : ` Seen by [this run](${run}).`;
}
