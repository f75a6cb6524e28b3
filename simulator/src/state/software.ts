/** What a machine knows of its packages and units, besides which there are. */
export interface SoftwareState {
  /** Packages that nothing may change: apt-mark. */
  held?: string[];
  /** By the names of units, without `.service`. */
  unitFaults?: Record<string, UnitFault>;
  /** Units that have failed, and were not started since. */
  failedUnits?: string[];
  /** The last lines of systemd's journal, oldest first. */
  journal?: JournalLine[];
  /** Of a Traefik that has started. */
  traefik?: TraefikStart;
}

/** What Traefik has found when it started, and goes by until it starts again. */
export interface TraefikStart {
  /** The text of its settings; none where there was no file. */
  readonly settings?: string;
  /** Whether it watches the file of its routes, which has to be there from the beginning. */
  readonly watchesRoutes: boolean;
}

/** What a unit fails at, and what it says then. */
export interface UnitFault {
  readonly verb: "start" | "stop" | "reload";
  readonly message: string;
}

/** One line of systemd's journal. */
export interface JournalLine {
  /** Seconds since 1970. */
  readonly time: number;
  /** With its suffix. */
  readonly unit: string;
  /** Who wrote it: `systemd`, or the service's program. */
  readonly identifier: string;
  readonly message: string;
}
