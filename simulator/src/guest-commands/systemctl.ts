import type { FileSystem } from "../files/file-system.ts";
import { CommandError, type Call, type Program } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import type { SystemSoftware, Unit } from "./system.ts";

/** `systemctl` with the commands that set services up. */
export function systemctlProgram(system: SystemSoftware): Program {
  return (call) => {
    const { given, operands } = readOptions(call.args, "qf", [
      "now",
      "quiet|q",
      "no-block",
      "no-pager",
      "force|f",
      "system",
    ]);
    const [command = "", ...names] = operands;
    if (["daemon-reload", "daemon-reexec", "reset-failed"].includes(command)) return 0;
    if (command === "is-system-running") {
      call.out("running\n");
      return 0;
    }
    if (names.length === 0) throw new CommandError(`the simulator does not know 'systemctl ${command}'`, 1);
    const results = names.map((name) => runCommand({ call, system, given, command, name }));
    return Math.max(...results);
  };
}

interface UnitCommand {
  readonly call: Call;
  readonly system: SystemSoftware;
  readonly given: ReadonlyMap<string, string>;
  readonly command: string;
  readonly name: string;
}

function runCommand(request: UnitCommand): number {
  switch (request.command) {
    case "enable":
    case "disable":
    case "mask":
    case "unmask":
      return enable(request);
    case "start":
    case "restart":
    case "reload-or-restart":
    case "try-restart":
    case "stop":
    case "reload":
      return start(request);
    case "is-active":
    case "is-enabled":
    case "status":
      return tell(request);
    default:
      throw new CommandError(`the simulator does not know 'systemctl ${request.command}'`, 1);
  }
}

function enable({ call, system, given, command, name }: UnitCommand): number {
  const unit = findUnit(call.machine.files, system, name);
  if (unit === undefined) {
    call.err(`Failed to ${command} unit: Unit ${fullName(name)} does not exist\n`);
    return 1;
  }
  const enabled = command === "enable";
  if (command === "unmask") return 0;
  if (enabled && !unit.enabled && !given.has("q")) {
    const path = `/etc/systemd/system/multi-user.target.wants/${fullName(name)}`;
    call.err(`Created symlink '${path}' → '${unitFile(call.machine.files, name)}'.\n`);
  }
  const active = given.has("now") ? enabled : unit.active;
  system.setUnit(shortName(name), { enabled, active });
  return 0;
}

function start({ call, system, command, name }: UnitCommand): number {
  const unit = findUnit(call.machine.files, system, name);
  if (unit === undefined) {
    call.err(`Failed to ${command} ${fullName(name)}: Unit ${fullName(name)} not found.\n`);
    return 5;
  }
  if (command === "reload" && !unit.active) {
    call.err(`${fullName(name)} is not active, cannot reload.\n`);
    return 1;
  }
  const active = command === "try-restart" ? unit.active : command !== "stop";
  system.setUnit(shortName(name), { ...unit, active });
  return 0;
}

function tell({ call, system, given, command, name }: UnitCommand): number {
  const unit = findUnit(call.machine.files, system, name);
  const say = (text: string) => {
    if (!given.has("q")) call.out(`${text}\n`);
  };
  if (command === "is-enabled") {
    say(unit === undefined ? "not-found" : unit.enabled ? "enabled" : "disabled");
    return unit === undefined ? 4 : unit.enabled ? 0 : 1;
  }
  if (command === "is-active") {
    say(unit?.active === true ? "active" : "inactive");
    return unit === undefined ? 4 : unit.active ? 0 : 3;
  }
  if (unit === undefined) {
    call.err(`Unit ${fullName(name)} could not be found.\n`);
    return 4;
  }
  const loaded = `Loaded: loaded (${unitFile(call.machine.files, name)}; ${unit.enabled ? "enabled" : "disabled"}; preset: enabled)`;
  say(
    `${unit.active ? "●" : "○"} ${fullName(name)}\n     ${loaded}\n     Active: ${unit.active ? "active (running)" : "inactive (dead)"}`,
  );
  return unit.active ? 0 : 3;
}

/** A unit that the system knows, or whose file somebody has written. */
function findUnit(files: FileSystem, system: SystemSoftware, name: string): Unit | undefined {
  const units = system.units();
  const known = Object.hasOwn(units, shortName(name)) ? units[shortName(name)] : undefined;
  if (known !== undefined) return known;
  return files.exists(unitFile(files, name)) ? { enabled: false, active: false } : undefined;
}

function unitFile(files: FileSystem, name: string): string {
  // A template's instances, wg-quick@wg0, have one file.
  const file = fullName(name).replace(/@[^.]*/, "@");
  const own = `/etc/systemd/system/${file}`;
  return files.exists(own) ? own : `/usr/lib/systemd/system/${file}`;
}

function fullName(name: string): string {
  return /\.(?:service|timer|socket|mount|target|path)$/.test(name) ? name : `${name}.service`;
}

function shortName(name: string): string {
  return name.replace(/\.service$/, "");
}
