import type { Mounts } from "./guest-mounts.ts";
import type { JournalLine, TraefikStart, UnitFault } from "../state/software.ts";

/** A unit of systemd, as far as it is known here. */
export interface Unit {
  readonly enabled: boolean;
  readonly active: boolean;
}

/** The packages and services of a machine, wherever its state keeps them. */
export interface SystemSoftware extends SoftwareMemory {
  /** Installed packages with their versions. */
  readonly packages: () => Readonly<Record<string, string>>;
  /** Installs a package, or removes it where there is no version. */
  readonly setPackage: (name: string, version: string | undefined) => void;
  /** By name, without `.service`. */
  readonly units: () => Readonly<Record<string, Unit>>;
  readonly setUnit: (name: string, unit: Unit | undefined) => void;
  /** What the system can mount; of a node that is not known. */
  readonly mounts?: Mounts;
}

/** What packages and units leave behind. Names of units are without `.service`. */
export interface SoftwareMemory {
  /** Packages that nothing may change. */
  readonly held: () => readonly string[];
  readonly hold: (name: string, held: boolean) => void;
  readonly unitFault: (unit: string) => UnitFault | undefined;
  readonly failed: (unit: string) => boolean;
  readonly setFailed: (unit: string, failed: boolean) => void;
  /** What units have written, oldest first. */
  readonly journal: () => readonly JournalLine[];
  readonly log: (line: Omit<JournalLine, "time">) => void;
  readonly traefik: () => TraefikStart | undefined;
  readonly setTraefik: (start: TraefikStart) => void;
  /** The SHA-256 by URL of downloads, where somebody has chosen them. */
  readonly downloads: () => Readonly<Record<string, string>>;
}
