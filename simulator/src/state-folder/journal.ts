import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Patch } from "immer";
import { StartError } from "../start-error.ts";

/** One transaction: what it changed, and the how manieth it is. */
export interface JournalEntry {
  readonly sequence: number;
  readonly patches: readonly Patch[];
}

/** A file with a line for each transaction; a line counts once all of it is on the disk. */
export class Journal {
  readonly #path: string;
  readonly #file: number;
  /** Where the last whole line ends, in bytes. */
  #size: number;
  #damaged = false;

  constructor(path: string, size: number) {
    this.#path = path;
    this.#file = openSync(path, "a", 0o600);
    this.#size = size;
    ftruncateSync(this.#file, size);
    fsyncSync(this.#file);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a line; when this returns, it survives a power failure. */
  append(entry: JournalEntry): void {
    if (this.#damaged) throw new Error(`${this.#path} could not be written before and is not written any more`);
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    try {
      for (let written = 0; written < line.length;) written += writeSync(this.#file, line, written);
      fsyncSync(this.#file);
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#size += line.length;
  }

  /** Forgets all lines: once a snapshot has what they say. */
  clear(): void {
    ftruncateSync(this.#file, 0);
    fsyncSync(this.#file);
    this.#size = 0;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** A part of a line (the disk is full) must not be followed by another line. */
  #takeBack(): void {
    this.#damaged = true;
    ftruncateSync(this.#file, this.#size);
    this.#damaged = false;
  }
}

/**
 * Reads a journal: its entries, and where the last whole line ends. A last line that was not finished is left out: whoever
 * asked for it got no answer.
 * @throws {StartError} where any other line cannot be read
 */
export function readJournal(path: string): { readonly entries: readonly JournalEntry[]; readonly size: number } {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const entries: JournalEntry[] = [];
  let size = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, size)) {
    const entry = parseEntry(bytes.toString("utf8", size, end));
    if (entry === undefined && end < bytes.length - 1) throw damaged(path, entries.length + 1);
    if (entry === undefined) break;
    entries.push(entry);
    size = end + 1;
  }
  return { entries, size };
}

/** The error of a state that nobody but the user can save. */
export function damaged(path: string, line: number): StartError {
  return new StartError(
    `${path}:${line}`,
    "This line cannot be read, although it is not the last: something else has changed the file.",
    "Restore the folder from a backup, or name another one with --state.",
  );
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<JournalEntry> | null;
    const { sequence, patches } = entry ?? {};
    return typeof sequence === "number" && Array.isArray(patches) ? { sequence, patches } : undefined;
  } catch {
    return undefined;
  }
}
