import { CommandError, type Call, type Program } from "../../shell/machine.ts";
import { makeFolders } from "../../shell/programs/make-folders.ts";
import type { SystemSoftware } from "../system.ts";
import { reconfigure } from "./reconfigure.ts";
import { Runit } from "./runit.ts";

/** `gitlab-ctl` with the commands that set GitLab up, run it and save its configuration. */
export function gitlabCtl(system: SystemSoftware): Program {
  return (call) => {
    const [command = "", ...args] = call.args;
    switch (command) {
      case "reconfigure":
        return reconfigure(call, system);
      case "status":
        return eachService(call, system, args, (runit, name) => tell(call, runit, name));
      case "start":
      case "restart":
        return eachService(call, system, args, (runit, name) => {
          if (runit.isSupervised()) runit.start(name);
          return runit.isRunning(name)
            ? say(call, `ok: run: ${name}: (pid ${pidOf(name)}) 0s\n`, 0)
            : tell(call, runit, name);
        });
      case "stop":
        return eachService(call, system, args, (runit, name) => {
          runit.stop(name);
          return say(call, `ok: down: ${name}: 0s, normally up\n`, 0);
        });
      case "backup-etc":
        return backUpSettings(call, args);
      default:
        throw new CommandError(`the simulator does not know 'gitlab-ctl ${command}'`, 127);
    }
  };
}

function eachService(
  call: Call,
  system: SystemSoftware,
  [named]: readonly string[],
  work: (runit: Runit, name: string) => number,
): number {
  const runit = new Runit(call, system);
  const services = runit.services();
  if (named !== undefined && !services.includes(named)) return say(call, `${named} disabled, not running\n`, 1);
  // As the services of LSB say it: they add up.
  const statuses = (named === undefined ? services : [named]).map((name) => work(runit, name));
  return Math.min(
    255,
    statuses.reduce((sum, status) => sum + status, 0),
  );
}

function tell(call: Call, runit: Runit, name: string): number {
  if (!runit.isSupervised()) return say(call, `fail: ${name}: runsv not running\n`, 4);
  if (!runit.isRunning(name)) return say(call, `down: ${name}: 1s, normally up, want up; run: log: (pid 999) 60s\n`, 3);
  return say(call, `run: ${name}: (pid ${pidOf(name)}) 60s; run: log: (pid 999) 60s\n`, 0);
}

/** `backup-etc --backup-path FOLDER`: an archive of /etc/gitlab. */
async function backUpSettings(call: Call, args: readonly string[]): Promise<number> {
  const at = args.findIndex((arg) => arg === "--backup-path" || arg === "-p");
  const folder = at < 0 ? "/etc/gitlab/config_backup" : (args[at + 1] ?? "");
  if (args.length > (at < 0 ? 0 : 2))
    throw new CommandError(`the simulator does not know 'backup-etc ${args.join(" ")}'`, 127);
  const { files } = call.machine;
  makeFolders(files, folder, 0o700);
  const now = call.machine.now();
  const date = now.toISOString().slice(0, 10).replaceAll("-", "_");
  const name = `gitlab_config_${Math.floor(now.getTime() / 1000)}_${date}.tar`;
  call.out(`Running configuration backup\nCreating configuration backup archive: ${name}\n`);
  const status = await call.run(["tar", "-cf", `${folder}/${name}`, "-C", "/", "etc/gitlab"]);
  if (status !== 0) return status;
  files.change(`${folder}/${name}`, { mode: 0o600 });
  call.out("Configuration backup archive complete: " + `${folder}/${name}\n`);
  return 0;
}

function say(call: Call, text: string, status: number): number {
  call.out(text);
  return status;
}

/** The same service has the same PID as long as nobody looks too closely. */
function pidOf(name: string): number {
  return 1000 + Array.from(name).reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 30_000, 7);
}
