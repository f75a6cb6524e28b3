import type { Call } from "../shell/machine.ts";
import type { ReadOptions } from "../shell/options.ts";
import { canReload, describeUnit, findUnit, isStatic } from "./systemd-unit.ts";
import type { SystemSoftware } from "./system.ts";
import { findUnitFile, fullName, readUnit, settingOf } from "./unit-file.ts";

/** `systemctl show -p ActiveState,SubState UNIT` */
export function showProperties(call: Call, system: SystemSoftware, { given }: ReadOptions, name: string): number {
  const { files } = call.machine;
  const unit = findUnit(files, system, name);
  const state = unit?.active === true ? "active" : unit?.failed === true ? "failed" : "inactive";
  const running = fullName(name).endsWith(".timer") ? "waiting" : "running";
  const properties: Readonly<Record<string, string>> = {
    Id: fullName(name),
    Names: fullName(name),
    Description: unit === undefined ? fullName(name) : describeUnit(files, name),
    LoadState: unit === undefined ? "not-found" : "loaded",
    ActiveState: state,
    SubState: state === "active" ? running : state === "failed" ? "failed" : "dead",
    UnitFileState: unit === undefined ? "" : isStatic(files, name) ? "static" : unit.enabled ? "enabled" : "disabled",
    FragmentPath: unit === undefined ? "" : (findUnitFile(files, name) ?? `/usr/lib/systemd/system/${fullName(name)}`),
    Result: state === "failed" ? "exit-code" : "success",
    ExecMainStatus: state === "failed" ? "1" : "0",
    MainPID: state === "active" ? "1000" : "0",
    CanReload: canReload(files, name) ? "yes" : "no",
    NeedDaemonReload: "no",
    NRestarts: "0",
  };
  const wanted = given.get("p")?.split(",") ?? Object.keys(properties);
  for (const key of wanted) {
    const value = properties[key];
    // systemd passes over what it does not know, too.
    if (value !== undefined) call.out(given.has("value") ? `${value}\n` : `${key}=${value}\n`);
  }
  return 0;
}

/** `systemctl cat UNIT` */
export function printUnitFiles(call: Call, name: string): number {
  const path = findUnitFile(call.machine.files, name);
  if (path === undefined) {
    call.err(`No files found for ${fullName(name)}.\n`);
    return 1;
  }
  call.out(`# ${path}\n${call.machine.files.read(path).toString("utf8")}`);
  return 0;
}

/** `systemctl list-timers`: those that are active; when they elapse is not computed. */
export function listTimers(call: Call, system: SystemSoftware, { given }: ReadOptions): number {
  const names = ["apt-daily.timer", "apt-daily-upgrade.timer", ...Object.keys(system.units())];
  const timers = [...new Set(names)]
    .filter((name) => name.endsWith(".timer"))
    .filter((name) => given.has("all") || findUnit(call.machine.files, system, name)?.active === true)
    .sort();
  const row = (unit: string, activates: string) => `-    -      -    -      ${unit.padEnd(32)} ${activates}\n`;
  if (!given.has("no-legend")) call.out(`NEXT LEFT   LAST PASSED ${"UNIT".padEnd(32)} ACTIVATES\n`);
  for (const timer of timers) call.out(row(timer, activatedBy(call, timer)));
  if (!given.has("no-legend")) call.out(`\n${timers.length} timers listed.\n`);
  return 0;
}

function activatedBy({ machine: { files } }: Call, timer: string): string {
  const [, instance = ""] = /@([^]*)\.timer$/.exec(timer) ?? [];
  const named = settingOf(readUnit(files, timer), "Timer", "Unit");
  return named?.replaceAll("%i", instance) ?? timer.replace(/\.timer$/, ".service");
}
