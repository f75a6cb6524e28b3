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

  constructor(issues: readonly InventoryIssue[]) {
    const sorted = [...issues].sort(
      (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column || a.path.localeCompare(b.path),
    );
    const count = sorted.length === 1 ? "1 problem" : `${sorted.length} problems`;
    super(`The inventory has ${count}.\n\n${sorted.map(renderIssue).join("\n\n")}`);
    this.issues = sorted;
  }
}

function renderIssue({ file, line, column, path, problem, remedy }: InventoryIssue): string {
  return `${file}:${line}:${column}  ${path}\n  ${problem}\n  ${remedy}`;
}
