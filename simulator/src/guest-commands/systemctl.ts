import { CommandError, type Call, type Program } from "../shell/machine.ts";
import { readOptions, type ReadOptions } from "../shell/options.ts";
import { runJob, type JobVerb } from "./systemd-job.ts";
import { findUnit, isStatic, type FoundUnit } from "./systemd-unit.ts";
import { listTimers, printUnitFiles, showProperties } from "./systemctl-show.ts";
import type { SystemSoftware } from "./system.ts";
import { findUnitFile, fullName, readUnit, settingOf, shortName } from "./unit-file.ts";

/** `systemctl` with the commands that set services up. */
export function systemctlProgram(system: SystemSoftware): Program {
  return (call) => {
    const options = readOptions(call.args, "qfp:n:l", [
      ...[
        "now",
        "quiet|q",
        "no-block",
        "no-pager",
        "force|f",
        "system",
        "value",
        "property=|p",
        "all",
        "full|l",
        "lines=|n",
      ],
      ...["no-legend", "plain", "no-ask-password", "no-reload", "runtime", "wait"],
    ]);
    const [command = "", ...names] = options.operands;
    const own = commands[command];
    if (own === undefined || (names.length === 0 && own.needsUnit !== false))
      throw new CommandError(`the simulator does not know 'systemctl ${command}'`, 1);
    return own.run({ call, system, options, command, names });
  };
}

interface Request {
  readonly call: Call;
  readonly system: SystemSoftware;
  readonly options: ReadOptions;
  readonly command: string;
  readonly names: readonly string[];
}

interface SystemctlCommand {
  readonly needsUnit?: boolean;
  readonly run: (request: Request) => number;
}

const each = (run: (request: Request, name: string) => number): SystemctlCommand => ({
  run: (request) => Math.max(...request.names.map((name) => run(request, name))),
});

const commands: Readonly<Record<string, SystemctlCommand>> = {
  cat: each(({ call }, name) => printUnitFiles(call, name)),
  "daemon-reexec": { needsUnit: false, run: () => 0 },
  "daemon-reload": { needsUnit: false, run: () => 0 },
  disable: each(switchUnit),
  enable: each(switchUnit),
  "is-active": each((request, name) => tellState(request, name, (state) => (state === "active" ? 0 : 3))),
  "is-enabled": each(tellEnabled),
  "is-failed": each((request, name) => tellState(request, name, (state) => (state === "failed" ? 0 : 1))),
  "is-system-running": {
    needsUnit: false,
    run: ({ call }) => {
      call.out("running\n");
      return 0;
    },
  },
  "list-timers": { needsUnit: false, run: ({ call, system, options }) => listTimers(call, system, options) },
  mask: each(switchUnit),
  reload: each(startJob),
  "reload-or-restart": each(startJob),
  "reset-failed": {
    needsUnit: false,
    run: ({ system, names }) => {
      for (const name of names.length > 0 ? names : Object.keys(system.units()))
        system.setFailed(shortName(name), false);
      return 0;
    },
  },
  restart: each(startJob),
  show: each(({ call, system, options }, name) => showProperties(call, system, options, name)),
  start: each(startJob),
  status: each(printStatus),
  stop: each(startJob),
  "try-reload-or-restart": each(startJob),
  "try-restart": each(startJob),
  unmask: each(switchUnit),
};

function switchUnit({ call, system, options: { given }, command, names }: Request, name: string): number {
  const unit = findUnit(call.machine.files, system, name);
  if (unit === undefined) {
    call.err(`Failed to ${command} unit: Unit ${fullName(name)} does not exist\n`);
    return 1;
  }
  if (command === "unmask") return 0;
  const enabled = command === "enable";
  if (isStatic(call.machine.files, name)) {
    call.err(
      `The unit files have no installation config (WantedBy=, RequiredBy=, UpheldBy=,\nAlso=, or Alias= settings in the [Install] section, and DefaultInstance= for\ntemplate units). This means they are not meant to be enabled or disabled using systemctl.\n`,
    );
  } else {
    if (enabled && !unit.enabled && !given.has("q")) call.err(linkMessage(call, name));
    system.setUnit(shortName(name), { enabled, active: unit.active });
  }
  return given.has("now")
    ? startJob({ call, system, options: { given, operands: [] }, command: enabled ? "start" : "stop", names }, name)
    : 0;
}

function linkMessage({ machine: { files } }: Call, name: string): string {
  const usual = name.endsWith(".timer") ? "timers.target" : "multi-user.target";
  const wanted = settingOf(readUnit(files, name), "Install", "WantedBy") ?? usual;
  const target = findUnitFile(files, name) ?? `/usr/lib/systemd/system/${fullName(name)}`;
  return `Created symlink '/etc/systemd/system/${wanted}.wants/${fullName(name)}' → '${target}'.\n`;
}

function startJob({ call, system, command }: Request, name: string): number {
  return runJob(call, system, command as JobVerb, name);
}

function tellState({ call, system, options }: Request, name: string, status: (state: string) => number): number {
  const unit = findUnit(call.machine.files, system, name);
  const state = unit === undefined ? "inactive" : activeState(unit);
  if (!options.given.has("q")) call.out(`${state}\n`);
  return unit === undefined ? 4 : status(state);
}

function tellEnabled({ call, system, options }: Request, name: string): number {
  const unit = findUnit(call.machine.files, system, name);
  const fixed = unit !== undefined && isStatic(call.machine.files, name);
  const state = unit === undefined ? "not-found" : fixed ? "static" : unit.enabled ? "enabled" : "disabled";
  if (!options.given.has("q")) call.out(`${state}\n`);
  return unit === undefined ? 4 : state === "disabled" ? 1 : 0;
}

function printStatus({ call, system }: Request, name: string): number {
  const { files } = call.machine;
  const unit = findUnit(files, system, name);
  if (unit === undefined) {
    call.err(`Unit ${fullName(name)} could not be found.\n`);
    return 4;
  }
  const path = findUnitFile(files, name) ?? `/usr/lib/systemd/system/${fullName(name)}`;
  const [mark, text] = looks[activeState(unit)];
  call.out(
    `${mark} ${fullName(name)}\n     Loaded: loaded (${path}; ${unit.enabled ? "enabled" : "disabled"}; preset: enabled)\n     Active: ${text}\n`,
  );
  return unit.active ? 0 : 3;
}

type ActiveState = "active" | "failed" | "inactive";

const looks: Readonly<Record<ActiveState, readonly [mark: string, text: string]>> = {
  active: ["●", "active (running)"],
  failed: ["×", "failed (Result: exit-code)"],
  inactive: ["○", "inactive (dead)"],
};

function activeState({ active, failed }: FoundUnit): ActiveState {
  return active ? "active" : failed ? "failed" : "inactive";
}
