import type { FileSystem } from "../files/file-system.ts";
import { isMounted, isMountUnit } from "./mount-unit.ts";
import { packageOfUnit } from "./package-catalogue.ts";
import type { SystemSoftware, Unit } from "./system.ts";
import { findUnitFile, fullName, readUnit, settingOf, shortName } from "./unit-file.ts";

/** A unit as systemd sees it. */
export interface FoundUnit extends Unit {
  readonly failed: boolean;
}

/** What every Debian comes with, besides the services that the state names. */
const builtIn: Readonly<Record<string, Unit>> = {
  "apt-daily.timer": { enabled: true, active: true },
  "apt-daily-upgrade.timer": { enabled: true, active: true },
  "fstrim.timer": { enabled: false, active: false },
};

/** A unit that the system knows, or whose file somebody has written. */
export function findUnit(files: FileSystem, system: SystemSoftware, name: string): FoundUnit | undefined {
  const [units, short] = [system.units(), shortName(name)];
  const known = Object.hasOwn(units, short) ? units[short] : undefined;
  const unit =
    known ??
    (findUnitFile(files, name) === undefined ? undefined : { enabled: false, active: false }) ??
    (Object.hasOwn(builtIn, short) ? builtIn[short] : undefined);
  if (unit === undefined) return undefined;
  // Whoever mounts or unmounts it by hand starts or stops the unit.
  const active = isMountUnit(name) && system.mounts !== undefined ? isMounted(files, system.mounts, name) : unit.active;
  return { ...unit, active, failed: system.failed(short) };
}

/** What a unit says that it is. */
export function describeUnit(files: FileSystem, name: string): string {
  return settingOf(readUnit(files, name), "Unit", "Description") ?? shortName(name);
}

/** Whether there is nothing that enabling it could do. */
export function isStatic(files: FileSystem, name: string): boolean {
  return findUnitFile(files, name) !== undefined && !readUnit(files, name).has("Install");
}

/** Whether a unit takes a changed configuration without a restart. */
export function canReload(files: FileSystem, name: string): boolean {
  if (!fullName(name).endsWith(".service")) return false;
  if (findUnitFile(files, name) === undefined) return packageOfUnit(shortName(name))?.cannotReload !== true;
  const settings = readUnit(files, name);
  return (
    settingOf(settings, "Service", "ExecReload") !== undefined ||
    settingOf(settings, "Service", "Type") === "notify-reload"
  );
}

/** Whether a unit is done as soon as it has started. */
export function isOneshot(files: FileSystem, name: string): boolean {
  const settings = readUnit(files, name);
  return (
    settingOf(settings, "Service", "Type") === "oneshot" &&
    !/^(?:yes|true|on|1)$/i.test(settingOf(settings, "Service", "RemainAfterExit") ?? "")
  );
}
