import { printable } from "./printable.ts";

/** One thing in the inventory that its author has to change. */
export interface InventoryIssue {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Path of the value from the file's name on: `containers.grafana.address`. */
  readonly path: string;
  /** What is wrong and why, in full sentences. */
  readonly problem: string;
  /** What to do about it, in full sentences. */
  readonly remedy: string;
}

/** All that is wrong with the inventory, in file order; thrown before anything is sent anywhere. */
export class InventoryError extends Error {
  override readonly name = "InventoryError";
  /** By this mark Pulumi knows a RunError, of which it shows the message and no stack. */
  readonly __pulumiRunError = true;
  readonly issues: readonly InventoryIssue[];

  /** @param more whether there are others, which were not looked for any further */
  constructor(issues: readonly InventoryIssue[], { more = false } = {}) {
    const sorted = [...issues].sort(
      (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column || a.path.localeCompare(b.path),
    );
    const count = sorted.length === 1 ? "1 problem" : `${sorted.length} problems`;
    const said = more ? `more than ${count}; these come first` : count;
    super(`The inventory has ${said}.\n\n${sorted.map(renderIssue).join("\n\n")}`);
    this.issues = sorted;
  }
}

function renderIssue({ file, line, column, path, problem, remedy }: InventoryIssue): string {
  // Names of files and keys are whatever somebody wrote, and a terminal obeys what is in them.
  const place = `${printable(file, 200)}:${line}:${column}  ${printable(path, 200)}`;
  // A remedy may have commands below it, each in its line.
  const texts = [place, problem, ...remedy.split("\n")];
  return texts.map((text) => printable(text, 2000)).join("\n  ");
}
