import type { Call } from "../../shell/machine.ts";
import { makeFolders } from "../../shell/programs/make-folders.ts";
import type { SystemSoftware } from "../system.ts";
import type { GitLabSettings } from "./gitlab-rb.ts";

/** What GitLab consists of, by the names of its settings. */
const parts = [
  ...["alertmanager", "gitaly", "gitlab-exporter", "gitlab-kas", "gitlab-workhorse", "logrotate", "nginx"],
  ...["node-exporter", "postgres-exporter", "postgresql", "prometheus", "puma", "redis", "redis-exporter", "sidekiq"],
];

/** The services that a configuration asks for. */
export function wantedServices({ values, urls }: GitLabSettings): string[] {
  const switched = (name: string) => values.get(`${name.replaceAll("-", "_")}['enable']`);
  const named = parts.filter((name) => switched(name) !== "false");
  const more = [
    ...(urls.has("registry_external_url") && switched("registry") !== "false" ? ["registry"] : []),
    ...(urls.has("pages_external_url") && switched("gitlab-pages") !== "false" ? ["gitlab-pages"] : []),
  ];
  return [...named, ...more].sort();
}

/** GitLab's services below runit, as its folders have them. */
export class Runit {
  readonly #call: Call;
  readonly #system: SystemSoftware;

  constructor(call: Call, system: SystemSoftware) {
    this.#call = call;
    this.#system = system;
  }

  /** The services that the last configuration has asked for. */
  services(): string[] {
    const { files } = this.#call.machine;
    return files.exists("/opt/gitlab/service") ? files.list("/opt/gitlab/service") : [];
  }

  enable(wanted: readonly string[]): void {
    const { files } = this.#call.machine;
    for (const name of this.services().filter((service) => !wanted.includes(service)))
      files.unlink(`/opt/gitlab/service/${name}`);
    for (const name of wanted) {
      makeFolders(files, `/opt/gitlab/sv/${name}/supervise`);
      makeFolders(files, "/opt/gitlab/service");
      if (!this.services().includes(name)) files.symlink(`/opt/gitlab/sv/${name}`, `/opt/gitlab/service/${name}`);
    }
  }

  /** Whether a service could be started. */
  start(name: string): boolean {
    const started = this.#refusal(name) === undefined;
    this.#call.machine.files.write(statFile(name), started ? "run\n" : "down\n");
    return started;
  }

  stop(name: string): void {
    this.#call.machine.files.write(statFile(name), "down\n");
  }

  isRunning(name: string): boolean {
    const { files } = this.#call.machine;
    return this.isSupervised() && files.exists(statFile(name)) && files.read(statFile(name)).toString() === "run\n";
  }

  /** Whether runit itself runs. */
  isSupervised(): boolean {
    return this.#system.units()["gitlab-runsvdir"]?.active === true;
  }

  /** Why a service does not come up. */
  #refusal(name: string): string | undefined {
    const fault = this.#system.unitFault(name);
    return fault?.verb === "start" ? fault.message : undefined;
  }
}

function statFile(name: string): string {
  return `/opt/gitlab/sv/${name}/supervise/stat`;
}
