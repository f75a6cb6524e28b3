import { driftsOf, exitCodeOf, type Look } from "./drift.ts";
import { clean, renderValue } from "./render.ts";

/** How many things, and how many characters, a chat shows; Discord takes 2000. */
const [most, room] = [10, 1800];

/** Tells drift in a few lines of plain text, for a chat or a telephone; empty where there is none. */
export function renderMessage(stack: string, looks: readonly Look[], run: string | undefined): string {
  const drifts = driftsOf(looks);
  const unchecked = looks.flatMap(({ subject, unchecked: why }) =>
    why?.incomplete === true ? [`? ${clean(subject)}: not checked, for ${clean(why.reason)}`] : [],
  );
  if (drifts.length === 0 && exitCodeOf(looks) === 0) return "";
  const told = drifts.map(
    ({ what, where, was, is }) => `- ${clean(what)} (${clean(where)}): was ${renderValue(was)}, is ${renderValue(is)}`,
  );
  const [title, lines] =
    drifts.length === 0
      ? [`Nobody could look for drift of ${stack}, or not everywhere.`, unchecked]
      : [`Drift of ${stack}: ${drifts.length} ${drifts.length === 1 ? "thing" : "things"}.`, [...told, ...unchecked]];
  const shown = lines.slice(0, most);
  const rest = lines.length - shown.length;
  const text = [title, ...shown, ...(rest === 0 ? [] : [`… and ${rest} more`])].join("\n");
  return `${text.length > room ? `${text.slice(0, room - 1)}…` : text}${run === undefined ? "" : `\n${run}`}`;
}
