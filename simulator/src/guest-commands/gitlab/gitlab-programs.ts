import { CommandError, PlainError, type Call, type Program } from "../../shell/machine.ts";
import { ofPackage } from "../of-package.ts";
import type { SystemSoftware } from "../system.ts";
import { readDatabase, writeDatabase, type Database } from "./database.ts";
import { embeddedRuby } from "./embedded-ruby.ts";
import { gitlabCtl } from "./gitlab-ctl.ts";
import { gitlabRunner } from "./gitlab-runner.ts";
import { Runit } from "./runit.ts";

/** The programs of GitLab's packages; without the package they are not there. */
export function gitlabPrograms(system: SystemSoftware): Readonly<Record<string, Program>> {
  const editions = ["gitlab-ce", "gitlab-ee"];
  return {
    "/opt/gitlab/embedded/bin/ruby": ofPackage(system, editions, embeddedRuby),
    "gitlab-backup": ofPackage(system, editions, (call) => backUp(call, system)),
    "gitlab-ctl": ofPackage(system, editions, gitlabCtl(system)),
    "gitlab-psql": ofPackage(system, editions, (call) => query(call, system)),
    "gitlab-rails": ofPackage(system, editions, (call) => runRails(call, system)),
    "gitlab-runner": ofPackage(system, "gitlab-runner", gitlabRunner),
  };
}

/** `gitlab-backup create CRON=1 BACKUP=NAME` */
function backUp(call: Call, system: SystemSoftware): Promise<number> {
  const [command, ...rest] = call.args;
  if (command !== "create") throw new CommandError(`the simulator does not know 'gitlab-backup ${command ?? ""}'`, 127);
  requireDatabase(call, system);
  if (!new Runit(call, system).isRunning("gitaly"))
    throw new PlainError("rake aborted!\nGRPC::Unavailable: 14:failed to connect to all addresses", 1);
  const settings = new Map(rest.map((word) => [word.split("=")[0] ?? "", word.slice(word.indexOf("=") + 1)]));
  const now = call.machine.now();
  const stamp = `${Math.floor(now.getTime() / 1000)}_${now.toISOString().slice(0, 10).replaceAll("-", "_")}`;
  const path = `/var/opt/gitlab/backups/${settings.get("BACKUP") ?? stamp}_gitlab_backup.tar`;
  if (!settings.has("CRON")) call.out(`Creating backup archive: ${path} ... done\n`);
  return call.run(["tar", "-cf", path, "-C", "/var/opt/gitlab/postgresql", "data"]);
}

/** `gitlab-psql -t -A -c QUERY`: the simulator's migrations have always ended. */
function query(call: Call, system: SystemSoftware): number {
  requireDatabase(call, system);
  const text = call.args.at(-1) ?? "";
  if (!/^SELECT COUNT\(\*\) FROM batched_background_migrations\b/i.test(text))
    throw new CommandError(`the simulator does not know what '${text}' asks`, 127);
  call.out("0\n");
  return 0;
}

/** `gitlab-rails runner 'Gitlab::CurrentSettings.update!(NAME: VALUE)'` */
function runRails(call: Call, system: SystemSoftware): number {
  const [command, code = ""] = call.args;
  const [, list] = /^Gitlab::CurrentSettings\.update!\(([^()]*)\)$/.exec(code.trim()) ?? [];
  if (command !== "runner" || list === undefined)
    throw new CommandError(`the simulator does not run Ruby: '${call.args.join(" ")}'`, 127);
  const database = requireDatabase(call, system);
  const changes = list.split(",").map((pair) => {
    const [, name, value = ""] = /^\s*(\w+):\s*(true|false|\d+|'[^']*')\s*$/.exec(pair) ?? [];
    if (name === undefined) throw new CommandError(`the simulator does not run Ruby: '${pair}'`, 127);
    return [name, JSON.parse(value.replaceAll("'", '"')) as unknown] as const;
  });
  writeDatabase(call, { ...database, settings: { ...database.settings, ...Object.fromEntries(changes) } });
  return 0;
}

function requireDatabase(call: Call, system: SystemSoftware): Database {
  const database = readDatabase(call);
  if (database !== undefined && new Runit(call, system).isRunning("postgresql")) return database;
  throw new PlainError(
    'connection to server on socket "/var/opt/gitlab/postgresql/.s.PGSQL.5432" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?',
    2,
  );
}
