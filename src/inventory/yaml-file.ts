import { isMap, isNode, isPair, LineCounter, parseDocument, type Document } from "yaml";
import type { InventoryIssue } from "./inventory-error.ts";

/** A YAML file that still knows where each of its values stands. */
export class YamlFile {
  readonly syntaxIssues: readonly InventoryIssue[];
  readonly value: unknown;
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(path: string, key: string, text: string) {
    this.#path = path;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const issues: InventoryIssue[] = this.#document.errors.map((error) => ({
      ...this.#position(error.pos[0]),
      path: key,
      problem: `This is not valid YAML: ${error.message}.`,
      remedy: "Correct the syntax; quote a text that holds special characters.",
    }));
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
