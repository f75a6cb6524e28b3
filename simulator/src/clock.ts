/** Where the simulator's time comes from: the wall, or a test that moves it. */
export interface Clock {
  readonly now: () => Date;
  /** Runs a task's work when it has taken its `seconds`. */
  readonly after: (seconds: number, work: () => void) => void;
  /** Runs `work` at a time of the calendar; returns what calls it off. */
  readonly at: (time: Date, work: () => void) => () => void;
  /** Forgets what is still to run. */
  readonly stop: () => void;
}

/** The longest time that setTimeout can wait. */
const longest = 2 ** 31 - 1;

/** Timers of the wall's time, which don't keep a process alive. */
class Timers {
  readonly #timers = new Set<NodeJS.Timeout>();

  set(milliseconds: number, work: () => void): () => void {
    const remaining = milliseconds - longest;
    const run = remaining > 0 ? () => this.set(remaining, work) : work;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        run();
      },
      Math.min(Math.max(0, milliseconds), longest),
    ).unref();
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** Tells the real time, but lets no task take any: what a demo and most tests want. */
export function instantClock(): Clock {
  const timers = new Timers();
  return {
    now: () => new Date(),
    after: (_seconds, work) => {
      work();
    },
    at: (time, work) => timers.set(time.getTime() - Date.now(), work),
    stop: () => {
      timers.stop();
    },
  };
}

/** The wall's time; tasks take as long as on a small node, or a multiple of that. */
export function realClock(speed = 1): Clock {
  const timers = new Timers();
  return {
    now: () => new Date(),
    after: (seconds, work) => {
      timers.set((seconds * 1000) / speed, work);
    },
    at: (time, work) => timers.set(time.getTime() - Date.now(), work),
    stop: () => {
      timers.stop();
    },
  };
}

interface Due {
  readonly at: number;
  readonly work: () => void;
}

/** Stands still until a test moves it; what comes due meanwhile runs in order. */
export class ManualClock implements Clock {
  #now: number;
  #due: Due[] = [];

  constructor(start = new Date("2026-01-01T00:00:00Z")) {
    this.#now = start.getTime();
  }

  readonly now = (): Date => new Date(this.#now);

  readonly after = (seconds: number, work: () => void): void => {
    this.#due.push({ at: this.#now + seconds * 1000, work });
  };

  readonly at = (time: Date, work: () => void): (() => void) => {
    const due = { at: time.getTime(), work };
    this.#due.push(due);
    return () => {
      this.#due = this.#due.filter((candidate) => candidate !== due);
    };
  };

  readonly stop = (): void => {
    this.#due = [];
  };

  /** Lets time pass. */
  advance(seconds: number): void {
    const end = this.#now + seconds * 1000;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      next.work();
    }
    this.#now = end;
  }
}
