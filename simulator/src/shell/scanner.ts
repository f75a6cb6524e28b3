import { SyntaxProblem } from "./syntax.ts";

/** Goes through a script's text. */
export class Scanner {
  readonly text: string;
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  get line(): number {
    return this.text.slice(0, this.position).split("\n").length;
  }

  get ended(): boolean {
    return this.position >= this.text.length;
  }

  /** The next character, or nothing at the end. */
  peek(ahead = 0): string {
    return this.text[this.position + ahead] ?? "";
  }

  at(text: string): boolean {
    return this.text.startsWith(text, this.position);
  }

  next(): string {
    const character = this.peek();
    this.position++;
    return character;
  }

  /** Skips a text where it comes next. */
  take(text: string): boolean {
    if (!this.at(text)) return false;
    this.position += text.length;
    return true;
  }

  /** What a pattern matches here; it has the flag y. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  /** Skips up to and past a text, and returns what is before it. */
  until(end: string, what: string): string {
    const stop = this.text.indexOf(end, this.position);
    if (stop < 0) throw this.problem(`Unterminated ${what}`);
    const passed = this.text.slice(this.position, stop);
    this.position = stop + end.length;
    return passed;
  }

  /** Skips blanks, continued lines and a comment. */
  skipBlanks(): void {
    this.match(/(?:[ \t\r]|\\\n)+/y);
    if (this.peek() === "#") this.match(/[^\n]*/y);
  }

  problem(message: string): SyntaxProblem {
    return new SyntaxProblem(this.line, `Syntax error: ${message}`);
  }
}
