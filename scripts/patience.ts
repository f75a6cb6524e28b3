import { parseUnended } from "../src/failures/failed-run.ts";
import { namePlace } from "../src/failures/place-of.ts";

/**
 * How long one operation may take until the run is stopped. The provider gives up after half an hour where it has a limit at
 * all, and steps after what they ask for, at most an hour; for storages, pools and jobs it would wait for ever.
 */
const defaultSeconds = 75 * 60;

/** What watches over a run until it ends. */
export interface Patience {
  /** Aborted once something takes too long. */
  readonly signal: AbortSignal;
  readonly end: () => void;
}

/**
 * Watches over a run by its event log, and says what takes too long.
 * @param read gives the log so far
 */
export function watchPatience(read: () => string): Patience {
  const seconds = Number(process.env["HOMELAB_PATIENCE_SECONDS"] ?? defaultSeconds);
  const controller = new AbortController();
  const timer = setInterval(
    () => {
      const now = Date.now() / 1000;
      const [late] = parseUnended(read()).filter(({ since }) => now - since > seconds);
      if (late === undefined || controller.signal.aborted) return;
      const { failure } = late;
      process.stderr.write(
        `\nThe ${namePlace(failure)} has been worked on for more than ${Math.round(seconds / 60)} minutes (${failure.operation}), and ` +
          "Proxmox VE does not answer. The run is stopped. HOMELAB_PATIENCE_SECONDS makes it wait longer.\n",
      );
      controller.abort();
    },
    Math.min(30_000, seconds * 250),
  );
  return {
    signal: controller.signal,
    end: () => {
      clearInterval(timer);
    },
  };
}
