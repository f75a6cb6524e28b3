import { startService } from "../guest-services/start-service.ts";
import type { Call } from "../shell/machine.ts";
import { isMountUnit, mountNotes, startMountUnit } from "./mount-unit.ts";
import { canReload, describeUnit, findUnit, isOneshot, type FoundUnit } from "./systemd-unit.ts";
import type { SystemSoftware } from "./system.ts";
import { fullName, readUnit, settingOf, shortName } from "./unit-file.ts";

/** What systemctl is asked for. */
export type JobVerb =
  "start" | "stop" | "restart" | "try-restart" | "reload" | "reload-or-restart" | "try-reload-or-restart";

/** Starts, stops or reloads a unit, and returns the exit status of systemctl. */
export function runJob(call: Call, system: SystemSoftware, verb: JobVerb, name: string): number {
  const { files } = call.machine;
  const unit = findUnit(files, system, name);
  if (unit === undefined) {
    call.err(`Failed to ${verb} ${fullName(name)}: Unit ${fullName(name)} not found.\n`);
    return 5;
  }
  const job = new Job(call, system, name, unit);
  const reloads = canReload(files, name);
  switch (verb) {
    case "start":
      return unit.active ? 0 : job.start();
    case "stop":
      return unit.active ? job.stop() : 0;
    case "restart":
      return job.restart();
    case "try-restart":
      return unit.active ? job.restart() : 0;
    case "reload":
      if (!reloads) {
        call.err(`Failed to reload ${fullName(name)}: Job type reload is not applicable for unit ${fullName(name)}.\n`);
        return 1;
      }
      if (!unit.active) {
        call.err(`${fullName(name)} is not active, cannot reload.\n`);
        return 1;
      }
      return job.reload();
    case "reload-or-restart":
      return unit.active && reloads ? job.reload() : job.restart();
    case "try-reload-or-restart":
      if (!unit.active) return 0;
      return reloads ? job.reload() : job.restart();
  }
}

class Job {
  readonly #call: Call;
  readonly #system: SystemSoftware;
  readonly #name: string;
  readonly #unit: FoundUnit;
  readonly #title: string;

  constructor(call: Call, system: SystemSoftware, name: string, unit: FoundUnit) {
    this.#call = call;
    this.#system = system;
    this.#name = name;
    this.#unit = unit;
    this.#title = `${fullName(name)} - ${describeUnit(call.machine.files, name)}`;
  }

  start(): number {
    if (isMountUnit(this.#name)) return this.#mount();
    const message = this.#faultOf("start");
    if (message !== undefined) {
      this.#say(message);
      this.#note(`${fullName(this.#name)}: Main process exited, code=exited, status=1/FAILURE`);
      this.#note(`${fullName(this.#name)}: Failed with result 'exit-code'.`);
      this.#note(`Failed to start ${this.#title}.`);
      this.#set(false, true);
      return this.#refuse();
    }
    const oneshot = isOneshot(this.#call.machine.files, this.#name);
    this.#note(`${oneshot ? "Finished" : "Started"} ${this.#title}.`);
    const said = startService(this.#call.machine.files, this.#system, shortName(this.#name));
    for (const line of said) this.#say(line);
    this.#set(!oneshot, false);
    return 0;
  }

  stop(): number {
    if (isMountUnit(this.#name)) return this.#unmount();
    const message = this.#faultOf("stop");
    this.#note(`Stopping ${this.#title}...`);
    if (message === undefined) this.#note(`${fullName(this.#name)}: Deactivated successfully.`);
    else {
      this.#say(message);
      this.#note(`${fullName(this.#name)}: Failed with result 'exit-code'.`);
    }
    this.#note(`Stopped ${this.#title}.`);
    this.#set(false, message !== undefined);
    return 0;
  }

  restart(): number {
    if (this.#unit.active) this.stop();
    return this.start();
  }

  reload(): number {
    this.#note(`Reloading ${this.#title}...`);
    const message = this.#faultOf("reload");
    if (message === undefined) {
      this.#note(`Reloaded ${this.#title}.`);
      return 0;
    }
    this.#say(message);
    this.#note(`${fullName(this.#name)}: Control process exited, code=exited, status=1/FAILURE`);
    this.#note(`Reload failed for ${this.#title}.`);
    return this.#refuse();
  }

  #mount(): number {
    const problem = this.#faultOf("start") ?? this.#tryMount();
    for (const line of mountNotes(this.#call.machine.files, this.#name, problem)) this.#system.log(line);
    this.#set(problem === undefined, problem !== undefined);
    if (problem === undefined) return 0;
    const name = fullName(this.#name);
    this.#call.err(
      `Job for ${name} failed.\nSee "systemctl status ${name}" and "journalctl -xeu ${name}" for details.\n`,
    );
    return 1;
  }

  #tryMount(): string | undefined {
    const { mounts } = this.#system;
    return mounts === undefined
      ? "the simulator does not mount anything on nodes"
      : startMountUnit(this.#call.machine.files, mounts, this.#name);
  }

  #unmount(): number {
    this.#note(`Unmounting ${this.#title}...`);
    const where = settingOf(readUnit(this.#call.machine.files, this.#name), "Mount", "Where");
    this.#system.mounts?.unmount(where ?? "");
    this.#note(`Unmounted ${this.#title}.`);
    this.#set(false, false);
    return 0;
  }

  #faultOf(verb: "start" | "stop" | "reload"): string | undefined {
    const fault = this.#system.unitFault(shortName(this.#name));
    return fault?.verb === verb ? fault.message : undefined;
  }

  #set(active: boolean, failed: boolean): void {
    const short = shortName(this.#name);
    this.#system.setUnit(short, { enabled: this.#unit.enabled, active });
    this.#system.setFailed(short, failed);
  }

  #say(message: string): void {
    this.#system.log({ unit: fullName(this.#name), identifier: shortName(this.#name), message });
  }

  #note(message: string): void {
    this.#system.log({ unit: fullName(this.#name), identifier: "systemd", message });
  }

  #refuse(): number {
    const name = fullName(this.#name);
    this.#call.err(
      `Job for ${name} failed because the control process exited with error code.\nSee "systemctl status ${name}" and "journalctl -xeu ${name}" for details.\n`,
    );
    return 1;
  }
}
