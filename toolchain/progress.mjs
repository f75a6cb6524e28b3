const interval = { terminal: 200, lines: 15_000 };

/**
 * Shows which step runs, for how long, and what it is doing: one live line on a terminal, a line now and then in a log.
 */
export class Progress {
  /** @param {NodeJS.WriteStream} stream */
  constructor(stream = process.stderr) {
    this.stream = stream;
    this.live = stream.isTTY && process.env["TERM"] !== "dumb";
  }

  /** @param {string} line */
  note(line) {
    this.stream.write(`${line}\n`);
  }

  /**
   * Runs one step and reports it; `doing` tells what it is busy with at the moment.
   * @template T
   * @param {string} title
   * @param {(doing: (what: string) => void) => Promise<T>} work
   * @returns {Promise<{ result: T, seconds: number }>}
   */
  async step(title, work) {
    const start = performance.now();
    const elapsed = () => formatSeconds((performance.now() - start) / 1000);
    let what = "";
    const show = () => {
      this.#write(title, elapsed(), what);
    };
    if (!this.live) this.note(`  … ${title}`);
    const timer = setInterval(show, this.live ? interval.terminal : interval.lines);
    try {
      const result = await work((now) => (what = now));
      this.#clear();
      this.note(`  ✓ ${title} (${elapsed()})`);
      return { result, seconds: (performance.now() - start) / 1000 };
    } catch (error) {
      this.#clear();
      this.note(`  ✗ ${title} (${elapsed()})`);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  /**
   * @param {string} title
   * @param {string} elapsed
   * @param {string} what
   */
  #write(title, elapsed, what) {
    const line = `  … ${title} (${elapsed})${what === "" ? "" : `: ${what}`}`;
    if (this.live) this.stream.write(`\r\x1b[2K${line.slice(0, this.stream.columns - 1)}`);
    else this.note(line);
  }

  #clear() {
    if (this.live) this.stream.write("\r\x1b[2K");
  }
}

/**
 * Writes a duration as people read it: 8.4 s, 2 min 05 s.
 * @param {number} seconds
 */
export function formatSeconds(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
}
