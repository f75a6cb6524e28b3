import { spawn } from "node:child_process";

/**
 * A command that ended badly, with the beginning and the end of what it printed.
 */
export class CommandError extends Error {
  /**
   * @param {string} command
   * @param {string} outcome
   * @param {string} output
   */
  constructor(command, outcome, output) {
    super(`${command} ${outcome}${output === "" ? "" : `:\n${output}`}`);
    this.name = "CommandError";
    this.output = output;
  }
}

/**
 * Runs a command without a shell, hands on each line it prints, and returns its standard output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal, onLine?: (line: string) => void }} [options]
 * @returns {Promise<string>}
 */
export function runCommand(command, args, { cwd, env, signal, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, signal, killSignal: "SIGINT", stdio: ["ignore", "pipe", "pipe"] });
    let standardOutput = "";
    const excerpt = new Excerpt();
    /** @param {string} line */
    const collect = (line) => {
      excerpt.add(line);
      onLine?.(line);
    };
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => (standardOutput += text));
    readLines(child.stdout, collect);
    readLines(child.stderr.setEncoding("utf8"), collect);
    /** @type {Error | undefined} */
    let failure;
    child.on("error", (error) => {
      failure = error;
      // A process that never started does not close.
      if (child.pid === undefined) reject(error);
    });
    // Aborting reports at once, but what the child leaves behind can only be removed once it has ended.
    child.on("close", (code, killedBy) => {
      if (failure !== undefined) reject(failure);
      else if (code === 0) resolve(standardOutput);
      else reject(new CommandError([command, ...args].join(" "), describeEnd(code, killedBy), excerpt.text()));
    });
  });
}

/**
 * The beginning and the end of a long output: npm names the cause first, a compiler last.
 */
class Excerpt {
  static #FIRST = 12;
  static #LAST = 13;
  /** @type {string[]} */
  #first = [];
  /** @type {string[]} */
  #last = [];
  #leftOut = 0;

  /** @param {string} line */
  add(line) {
    if (this.#first.length < Excerpt.#FIRST) {
      this.#first.push(line);
      return;
    }
    this.#last.push(line);
    if (this.#last.length <= Excerpt.#LAST) return;
    this.#last.shift();
    this.#leftOut += 1;
  }

  text() {
    const gap = this.#leftOut === 0 ? [] : [`… ${String(this.#leftOut)} lines left out …`];
    return [...this.#first, ...gap, ...this.#last].join("\n");
  }
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} killedBy
 */
function describeEnd(code, killedBy) {
  return killedBy === null ? `ended with ${String(code)}` : `was ended by ${killedBy}`;
}

/**
 * @param {import("node:stream").Readable} stream
 * @param {(line: string) => void} onLine
 */
function readLines(stream, onLine) {
  let rest = "";
  stream.on("data", (/** @type {string} */ text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  stream.on("end", () => {
    if (rest !== "") onLine(rest);
  });
}
