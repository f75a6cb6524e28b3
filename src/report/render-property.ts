import { diffLines } from "diff";
import type { Difference } from "../adopt/differences.ts";

/** What `pulumi preview --json` shows of a secret. */
const hidden = '"[secret]"';
const context = 1;

/** Shows what differs in one property as lines of a diff; of a text only the lines that change, of a secret nothing. */
export function renderProperty({ property, was, is, replaces, place }: Difference): string {
  const where = place.key === undefined ? "" : ` (${place.key} in ${place.file ?? ""})`;
  return [`# ${property}${replaces ? ", which replaces it" : ""}${where}`, ...linesOf(was, is)].join("\n");
}

function linesOf(was: unknown, is: unknown): string[] {
  if ([was, is].some((value) => isHidden(value))) return ["! secret, not shown"];
  if (typeof was !== "string" || typeof is !== "string" || !(was + is).includes("\n")) {
    return [...marked("-", textOf(was)), ...marked("+", textOf(is))];
  }
  const parts = diffLines(was, is);
  return parts.flatMap(({ added, removed, value }, index) => {
    const lines = value.replace(/\n$/, "").split("\n");
    if (added || removed) return lines.map((line) => `${added ? "+" : "-"}${line}`);
    const [before, after] = [index === 0 ? 0 : context, index === parts.length - 1 ? 0 : context];
    if (lines.length <= before + after) return lines.map((line) => ` ${line}`);
    const kept = [...lines.slice(0, before), "…", ...lines.slice(lines.length - after)];
    return kept.map((line) => ` ${line}`);
  });
}

function isHidden(value: unknown): boolean {
  return value !== undefined && JSON.stringify(value).includes(hidden);
}

/** Nothing on the side where there is nothing. */
function marked(mark: string, text: string): string[] {
  return text === "" ? [] : text.split("\n").map((line) => `${mark}${line}`);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined
    ? ""
    : JSON.stringify(value, (key, inner: unknown) => (key === "__defaults" ? undefined : inner));
}
