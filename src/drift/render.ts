import Table from "cli-table3";
import { restorableOf } from "./fixable.ts";
import { printable } from "../inventory/printable.ts";
import { acceptedOf, driftsOf, restoredOf, type Drift, type Look } from "./drift.ts";

const longest = 400;

/**
 * Shows drift to people: a table of what differs, what is accepted or was brought back, what could not be looked at, and what
 * to do.
 * @param width of the terminal, in characters
 */
export function renderDrift(stack: string, looks: readonly Look[], width: number): string {
  const drifts = driftsOf(looks);
  const unchecked = looks.flatMap(({ subject, unchecked: why }) =>
    why === undefined ? [] : [`? ${clean(subject)}: not checked, for ${clean(why.reason)}`],
  );
  return `${[
    ...(drifts.length === 0 ? [] : [renderTable(drifts, width), ...section(drifts.flatMap(renderBackground))]),
    ...titled("Accepted, as the inventory says:", acceptedOf(looks).map(renderLine)),
    ...titled("Brought back, as the inventory says (onDrift: restore):", restoredOf(looks).map(renderLine)),
    ...section(unchecked),
    summarize(stack, looks),
  ].join("\n\n")}\n`;
}

/** Shows a value of either side in one line; of what is not there, nothing. */
export function renderValue(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return clean(typeof value === "string" && !value.includes("\n") ? value : JSON.stringify(value));
}

function renderTable(drifts: readonly Drift[], width: number): string {
  const rows = drifts.map(({ what, where, was, is }) => [clean(what), clean(where), renderValue(was), renderValue(is)]);
  const head = ["What", "Where", "Was", "Is"];
  const wanted = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)));
  const room = Math.max(60, width - 2 * head.length - 5);
  const most = Math.floor(room / head.length);
  const spare = room - wanted.reduce((sum, own) => sum + Math.min(own, most), 0);
  const greedy = wanted.filter((own) => own > most).length;
  const widths = wanted.map((own) => (own > most ? Math.min(own, most + Math.floor(spare / greedy)) : own) + 2);
  const table = new Table({ head, colWidths: widths, wordWrap: true, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}

/** Where the inventory speaks of it, and who has probably done it. */
function renderBackground({ what, inventory, cause, refusal }: Drift): string[] {
  const lines = [
    ...(inventory === undefined ? [] : [`  ${inventory}`]),
    ...(cause === undefined ? [] : [`  probably ${clean(cause.who)}, since ${cause.since} (${clean(cause.task)})`]),
    ...(refusal === undefined ? [] : [`  not brought back: ${clean(refusal)}`]),
  ];
  return lines.length === 0 ? [] : [[`! ${clean(what)}`, ...lines].join("\n")];
}

function renderLine({ what, where, was, is }: Drift): string {
  return `  ${clean(what)} (${clean(where)}): was ${renderValue(was)}, is ${renderValue(is)}`;
}

function summarize(stack: string, looks: readonly Look[]): string {
  const drifts = driftsOf(looks);
  const incomplete = looks.filter(({ unchecked }) => unchecked?.incomplete === true).length;
  const unmanaged = drifts.filter(({ kind }) => kind === "unmanaged").length;
  const changed = drifts.length - unmanaged;
  const restorable = restorableOf(looks).flatMap((look) => look.drifts.filter(({ refusal }) => refusal === undefined));
  return [
    ...(drifts.length === 0 && incomplete === 0
      ? [
          acceptedOf(looks).length === 0
            ? `No drift: all that could be looked at is as ${stack} has left it.`
            : `No drift but what is accepted: all else that could be looked at is as ${stack} has left it.`,
        ]
      : []),
    ...(changed === 0
      ? []
      : [
          `${changed} ${changed === 1 ? "thing is" : "things are"} not as ${stack} has left ${changed === 1 ? "it" : "them"}. See what would bring ${changed === 1 ? "it" : "them"} back, and let it:`,
          `  npm run drift -- --fix --stack ${stack}`,
        ]),
    ...(restorable.length === 0
      ? []
      : [
          `What of it has onDrift: restore comes back without asking (${restorable.length}), and all else stays:\n  npm run drift -- --restore --stack ${stack}`,
        ]),
    ...(unmanaged === 0
      ? []
      : [
          `${unmanaged} ${unmanaged === 1 ? "thing" : "things"} on the server that nobody knows of: remove what does not belong there. What does, name in config/homelab/others.yaml; or describe it in the inventory, and take it into the stack:\n  npm run adopt -- --stack ${stack}`,
        ]),
    ...(incomplete === 0
      ? []
      : [
          `${incomplete === 1 ? "One thing" : `${incomplete} things`} could not be looked at (see ? above), so that nobody knows of drift there. Put that right, and run this again.`,
        ]),
  ].join("\n");
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [[title, ...lines].join("\n")];
}

function section(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** What a server tells is shown, and no terminal obeys it. */
export function clean(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, " "), longest);
}
