import { Alias, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import type { InventoryIssue } from "./inventory-error.ts";
import { showValue } from "./show-value.ts";

/** A YAML file that still knows where each of its values stands. */
export class YamlFile {
  readonly syntaxIssues: readonly InventoryIssue[];
  readonly value: unknown;
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(path: string, key: string, text: string) {
    this.#path = path;
    this.#document = parse(text, this.#lines);
    const { errors, warnings } = this.#document;
    const issues: InventoryIssue[] = [
      // A warning is of a tag that nobody knows: what stands there is not what was meant.
      ...[...errors, ...warnings].map(({ message, pos }) => ({
        at: pos[0],
        problem: `This is not valid YAML: ${message}.`,
        remedy: "Correct the syntax; quote a text that holds special characters.",
      })),
      ...(errors.length === 0 ? keyIssues(this.#document) : []),
    ].map(({ at, ...told }) => ({ ...this.#position(at), path: key, ...told }));
    try {
      this.value = issues.length === 0 ? (this.#document.toJS() as unknown) : {};
    } catch (error) {
      const problem = `This YAML cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
      issues.push({ ...this.#position(0), path: key, problem, remedy: "Write the values out instead of aliases." });
      this.value = {};
    }
    this.syntaxIssues = issues;
  }

  /** Tells where the value at a path stands, or its key; for what is missing, where the nearest parent stands. */
  locate(path: readonly PropertyKey[], at: "key" | "value"): { file: string; line: number; column: number } {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsetOf(path.slice(0, length), length === path.length ? at : "key");
      if (offset !== undefined) return this.#position(offset);
    }
    return this.#position(0);
  }

  #offsetOf(path: readonly PropertyKey[], at: "key" | "value"): number | undefined {
    if (at === "value") {
      const node = this.#document.getIn(path, true);
      if (isNode(node)) return node.range?.[0];
    }
    const parent = path.length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, -1), true);
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(
      (item) => isPair(item) && isNode(item.key) && String(item.key) === String(path.at(-1)),
    );
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }

  #position(offset: number): { file: string; line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#path, line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

function parse(text: string, lineCounter: LineCounter): Document {
  const { stackTraceLimit } = Error;
  // Each error would note its stack, which takes most of the time where there are many.
  Error.stackTraceLimit = 0;
  try {
    // Its own search for keys that are there twice takes the square of their number.
    return parseDocument(text, { lineCounter, logLevel: "error", prettyErrors: false, uniqueKeys: false });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

interface KeyIssue {
  readonly at: number;
  readonly problem: string;
  readonly remedy: string;
}

/** Keys of which only one could count, and such as are no names. */
function keyIssues(document: Document): KeyIssue[] {
  const issues: KeyIssue[] = [];
  visit(document, {
    Map(_key, { items }) {
      const names = new Set<string>();
      for (const { key } of items) {
        const at = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (!isScalar(key) || String(key.value) === "__proto__") {
          const shown = isScalar(key) ? showValue(key.value) : key instanceof Alias ? "An alias" : "A block or list";
          issues.push({ at, problem: `${shown} cannot be a key.`, remedy: "Write a name." });
          continue;
        }
        const name = String(key.value);
        if (names.has(name)) {
          const problem = `${showValue(key.value)} stands here twice, and only one could count.`;
          issues.push({ at, problem, remedy: "Remove one of them, or rename it." });
        }
        names.add(name);
      }
    },
  });
  return issues;
}
