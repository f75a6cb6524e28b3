/** A unit of systemd, as far as it is known here. */
export interface Unit {
  readonly enabled: boolean;
  readonly active: boolean;
}

/** The packages and services of a machine, wherever its state keeps them. */
export interface SystemSoftware {
  /** Installed packages with their versions. */
  readonly packages: () => Readonly<Record<string, string>>;
  /** Installs a package, or removes it where there is no version. */
  readonly setPackage: (name: string, version: string | undefined) => void;
  /** By name, without `.service`. */
  readonly units: () => Readonly<Record<string, Unit>>;
  readonly setUnit: (name: string, unit: Unit | undefined) => void;
}
