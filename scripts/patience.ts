import { parseUnended, type Unended } from "../src/failures/failed-run.ts";
import { namePlace } from "../src/failures/place-of.ts";

/**
 * How long one operation may take until the run is stopped. The provider gives up after half an hour where it has a limit at
 * all, and steps after what they ask for, at most an hour; for storages, pools and jobs it would wait for ever.
 */
const defaultSeconds = 75 * 60;
/** After how long it is said for the first time what a run waits for; then after twice that time, and so on. */
const firstNoticeSeconds = 120;

/** What watches over a run until it ends. */
export interface Patience {
  /** Aborted once something takes too long. */
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/**
 * Watches over a run by its event log: says what it has been waiting for, and stops it where something takes too long.
 * @param read gives the log so far
 * @param longest how long any operation of this run may take, in seconds
 * @param say tells people
 */
export function watchPatience(
  read: () => string,
  longest = defaultSeconds,
  say: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Patience {
  const seconds = Math.min(longest, readSeconds(say));
  const firstNotice = Math.min(firstNoticeSeconds, seconds / 3);
  const controller = new AbortController();
  /** After how long it is said the next time. */
  const next = new Map<string, number>();
  const look = () => {
    const now = Date.now() / 1000;
    const waits = parseUnended(read()).map((unended) => ({ ...unended, waited: now - unended.since }));
    const late = waits.filter(({ waited }) => waited > seconds);
    const due = waits.filter(({ failure: { urn }, waited }) => waited >= (next.get(urn) ?? firstNotice));
    for (const wait of late.length > 0 ? late : due) {
      next.set(wait.failure.urn, wait.waited * 2);
      say(describeWait(wait));
    }
    if (late.length === 0) return;
    say(
      `Nothing may take longer than ${renderTime(seconds)}: the run is stopped. HOMELAB_PATIENCE_SECONDS makes it wait longer.`,
    );
    end();
    controller.abort();
  };
  const timer = setInterval(look, Math.min(10_000, firstNotice * 250));
  const end = () => {
    clearInterval(timer);
  };
  return { signal: controller.signal, end };
}

function describeWait({ failure, since, waited }: Unended & { readonly waited: number }): string {
  const clock = new Date(since * 1000).toTimeString().slice(0, 8);
  return `Still waiting for the ${namePlace(failure)}: ${failure.operation} since ${clock}, ${renderTime(waited)} by now.`;
}

function renderTime(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
}

function readSeconds(say: (line: string) => void): number {
  const text = process.env["HOMELAB_PATIENCE_SECONDS"];
  if (text === undefined) return defaultSeconds;
  if (Number(text) > 0) return Number(text);
  say(`HOMELAB_PATIENCE_SECONDS is ${text}, which is no number of seconds; it is ${defaultSeconds} now.`);
  return defaultSeconds;
}
