import { createHash, randomBytes } from "node:crypto";
import type { Call } from "../../shell/machine.ts";
import { makeFolders } from "../../shell/programs/make-folders.ts";
import { readAccounts } from "../../shell/programs/accounts.ts";
import type { SystemSoftware } from "../system.ts";
import { readDatabase, writeDatabase } from "./database.ts";
import { readSettings, SettingsError, unquote, type GitLabSettings } from "./gitlab-rb.ts";
import { Runit, wantedServices } from "./runit.ts";

const unit = "gitlab-runsvdir";
const users = ["git", "gitlab-www", "gitlab-redis", "gitlab-psql", "registry"];

/** `gitlab-ctl reconfigure`: makes GitLab what /etc/gitlab/gitlab.rb says, or says why it can't. */
export async function reconfigure(call: Call, system: SystemSoftware): Promise<number> {
  call.out("Converging resources\n");
  try {
    const settings = readSettings(call.machine.files);
    const fault = system.unitFault(unit);
    if (fault?.verb === "reload") throw new SettingsError(fault.message);
    await bringAbout(call, system, settings);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    call.out("Running handlers:\nRunning handlers complete\n");
    call.out(
      `Infra Phase failed. 0 resources updated\nThere was an error running gitlab-ctl reconfigure:\n\n${error.message}\n`,
    );
    return 1;
  }
  call.out("Running handlers:\nRunning handlers complete\nInfra Phase complete\ngitlab Reconfigured!\n");
  return 0;
}

async function bringAbout(call: Call, system: SystemSoftware, settings: GitLabSettings): Promise<void> {
  const { files } = call.machine;
  for (const user of users.filter((name) => !readAccounts(files).some((account) => account.name === name)))
    await call.run(["useradd", "--system", "--home-dir", "/var/opt/gitlab", "--shell", "/bin/sh", user]);
  makeFolders(files, "/var/opt/gitlab/backups", 0o700);
  await call.run(["chown", "git:root", "/var/opt/gitlab/backups"]);
  makeFolders(files, "/var/log/gitlab/reconfigure");
  if (!files.exists("/etc/gitlab/gitlab-secrets.json"))
    files.write("/etc/gitlab/gitlab-secrets.json", `${JSON.stringify(newSecrets())}\n`, 0o600);
  if (readDatabase(call) === undefined) makeDatabase(call);
  const runit = new Runit(call, system);
  const before = system.units()[unit];
  system.setUnit(unit, { enabled: true, active: true });
  if (before?.active !== true)
    system.log({
      unit: `${unit}.service`,
      identifier: "systemd",
      message: "Started gitlab-runsvdir.service - GitLab Runit supervision process.",
    });
  const wanted = wantedServices(settings);
  runit.enable(wanted);
  for (const name of wanted) {
    if (name === "nginx" && missingCertificate(call, settings) !== undefined) runit.stop(name);
    else runit.start(name);
  }
  files.write("/var/opt/gitlab/bootstrapped", "All your bootstraps are belong to Chef\n");
}

/** The user root comes with the first configuration, and with its password. */
function makeDatabase(call: Call): void {
  const password = call.environment["GITLAB_ROOT_PASSWORD"] ?? randomBytes(32).toString("base64");
  if (password.length < 8)
    throw new SettingsError(
      "rails_migration[gitlab-rails] (gitlab::database_migrations line 51) had an error:\nCould not create the default administrator account:\n--> Password is too short (minimum is 8 characters)",
    );
  writeDatabase(call, {
    rootPassword: createHash("sha256").update(password).digest("hex"),
    settings: { signup_enabled: true },
  });
}

/** NGINX does not start without the files that it is told to use. */
function missingCertificate({ machine: { files } }: Call, { values, urls }: GitLabSettings): string | undefined {
  if (urls.get("external_url")?.startsWith("https://") !== true || values.get("letsencrypt['enable']") === "true")
    return undefined;
  const host = new URL(urls.get("external_url") ?? "").hostname;
  const named = (key: string, suffix: string) =>
    unquote(values.get(`nginx['${key}']`) ?? `/etc/gitlab/ssl/${host}.${suffix}`);
  return [named("ssl_certificate", "crt"), named("ssl_certificate_key", "key")].find((path) => !files.exists(path));
}

function newSecrets(): object {
  const secret = () => randomBytes(64).toString("hex");
  return { gitlab_rails: { secret_key_base: secret(), db_key_base: secret(), otp_key_base: secret() } };
}
