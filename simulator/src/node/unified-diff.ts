interface Change {
  readonly kind: " " | "-" | "+";
  readonly line: string;
}

const context = 3;

/** The difference of two texts as `diff -u` prints it; nothing where they are the same. */
export function unifiedDiff(
  before: { readonly name: string; readonly text: string },
  after: { readonly name: string; readonly text: string },
): string | undefined {
  const changes = compare(linesOf(before.text), linesOf(after.text));
  const hunks = hunksOf(changes).map(([start, end]) => renderHunk(changes, start, end));
  return hunks.length === 0 ? undefined : `--- ${before.name}\n+++ ${after.name}\n${hunks.join("")}`;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Keeps as many lines as possible: the longest common subsequence. */
function compare(before: readonly string[], after: readonly string[]): Change[] {
  const common = before.map(() => after.map(() => 0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const row = common[i] ?? [];
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const changes: Change[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length;) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      changes.push({ kind: " ", line: old });
      i++;
      j++;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      changes.push({ kind: "-", line: old });
      i++;
    } else if (fresh !== undefined) {
      changes.push({ kind: "+", line: fresh });
      j++;
    }
  }
  return changes;
}

/** Where the hunks begin and end, each with its context; hunks that touch are one. */
function hunksOf(changes: readonly Change[]): [number, number][] {
  const hunks: [number, number][] = [];
  for (const [index, { kind }] of changes.entries()) {
    if (kind === " ") continue;
    const [start, end] = [Math.max(0, index - context), Math.min(changes.length, index + context + 1)];
    const last = hunks.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  }
  return hunks;
}

function renderHunk(changes: readonly Change[], start: number, end: number): string {
  const count = (from: number, to: number, other: Change["kind"]) =>
    changes.slice(from, to).filter(({ kind }) => kind !== other).length;
  const range = (other: Change["kind"]) => {
    const length = count(start, end, other);
    const first = count(0, start, other) + (length === 0 ? 0 : 1);
    return length === 1 ? String(first) : `${first},${length}`;
  };
  const lines = changes.slice(start, end).map(({ kind, line }) => `${kind}${line}\n`);
  return `@@ -${range("+")} +${range("-")} @@\n${lines.join("")}`;
}
