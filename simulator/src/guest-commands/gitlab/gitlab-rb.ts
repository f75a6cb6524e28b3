import type { FileSystem } from "../../files/file-system.ts";
import { readStatements, RubySyntaxError } from "./ruby-text.ts";

/** What a guest's GitLab is told to be. */
export interface GitLabSettings {
  /** As gitlab.rb has them: `puma['worker_processes']` → `8`. */
  readonly values: ReadonlyMap<string, string>;
  /** `external_url` and the like. */
  readonly urls: ReadonlyMap<string, string>;
}

/** What `gitlab-ctl reconfigure` refuses. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

const path = "/etc/gitlab/gitlab.rb";
const urlNames = /^(?:external_url|\w+_external_url)$/;
const roots = new Set(
  [
    "alertmanager bootstrap consul crond gitaly gitlab_ci gitlab_exporter gitlab_kas gitlab_pages gitlab_rails gitlab_shell",
    "gitlab_sshd gitlab_workhorse git_data_dirs high_availability letsencrypt logging logrotate manage_accounts mattermost",
    "mattermost_nginx nginx node_exporter omnibus_gitconfig package pages_nginx patroni pgbouncer pgbouncer_exporter postgres_exporter",
    "postgresql praefect prometheus prometheus_monitoring puma redis redis_exporter registry registry_nginx repmgr sentinel",
    "sidekiq spamcheck storage_check suggested_reviewers unicorn user web_server gitlab_kas_nginx geo_logcursor geo_postgresql geo_secondary",
  ].flatMap((names) => names.split(" ")),
);

/**
 * Reads /etc/gitlab/gitlab.rb.
 * @throws {SettingsError} for what Ruby or GitLab's cookbooks refuse
 */
export function readSettings(files: FileSystem): GitLabSettings {
  const values = new Map<string, string>();
  const urls = new Map<string, string>();
  for (const { line, text } of statementsOf(files)) {
    const [, root = "", key, value = ""] = /^(\w+)((?:\[['"]\w+['"]\])*)\s*=(?!=)\s*([^]+)$/.exec(text) ?? [];
    const [, call = "", argument = ""] = /^(\w+)[\s(]+([^]+?)\)?$/.exec(text) ?? [];
    if (key !== undefined && key !== "") {
      if (!roots.has(root)) throw undefinedName(line, root);
      values.set(`${root}${key.replaceAll('"', "'")}`, resolveValue(files, value));
    } else if (urlNames.test(call)) urls.set(call, checkUrl(call, unquote(argument)));
    else if (key === undefined && call === "") throw undefinedName(line, text.split(/\W/)[0] ?? text);
    else if (call !== "roles")
      throw new SettingsError(`the simulator does not understand line ${line} of ${path}: ${text}`);
  }
  return { values, urls };
}

function statementsOf(files: FileSystem) {
  try {
    return files.exists(path) ? readStatements(files.read(path).toString("utf8")) : [];
  } catch (error) {
    if (error instanceof RubySyntaxError)
      throw new SettingsError(`SyntaxError: ${path}:${error.line}: syntax error found: ${error.message}`);
    throw error;
  }
}

function undefinedName(line: number, name: string): SettingsError {
  return new SettingsError(
    `Mixlib::Config::UnknownConfigOptionError: Reading unsupported config value ${name}.\n${path}:${line}:in 'block in from_file'`,
  );
}

/** A file that is read has to be there. */
function resolveValue(files: FileSystem, value: string): string {
  const [, file] = /^File\.read\('([^']*)'\)/.exec(value) ?? [];
  if (file !== undefined && !files.exists(file))
    throw new SettingsError(`Errno::ENOENT: No such file or directory @ rb_sysopen - ${file}`);
  return value;
}

function checkUrl(name: string, url: string): string {
  if (name === "external_url" && !/^https?:\/\/[^/\s]+/.test(url))
    throw new SettingsError("GitLab external URL must include a schema and FQDN, e.g. http://gitlab.example.com/");
  return url;
}

/** The text of a string of Ruby. */
export function unquote(text: string): string {
  return text
    .trim()
    .replace(/^(['"])([^]*)\1$/, "$2")
    .replaceAll(/\\(['"\\])/g, "$1");
}
