import type { Inventory } from "../inventory.ts";
import { suggestName } from "../suggest-name.ts";
import { placedGuests, type RuleIssue } from "./rule.ts";

/** What GitLab's settings name is there, and fits together. */
export function checkGitLab(inventory: Inventory): RuleIssue[] {
  if (inventory.services.gitlab === undefined) return [];
  return [...service(inventory), ...backup(inventory), ...runner(inventory)];
}

function service(inventory: Inventory): RuleIssue[] {
  return placedGuests(inventory).flatMap(({ path, guest }) => {
    const { service: own, runs } = guest;
    if (runs !== "gitlab" || (own?.protocol === "https" && own.port === 443)) return [];
    return [
      {
        path: [...path, own === undefined ? "runs" : "service"],
        problem: "GitLab is set up to answer by HTTPS at port 443, and that is not where its service is said to be.",
        remedy: "Write service: { protocol: https, port: 443 }.",
      },
    ];
  });
}

function backup({ services, storage }: Inventory): RuleIssue[] {
  const settings = services.gitlab?.backup;
  if (settings === undefined) return [];
  const path = ["services", "gitlab", "backup"];
  const target = storage[settings.storage];
  if (target === undefined) {
    const problem = `There is no storage "${settings.storage}" in storage.yaml.`;
    return [{ path: [...path, "storage"], problem, remedy: suggestName(settings.storage, Object.keys(storage)) }];
  }
  if (target.type !== "nfs") {
    const fitting = Object.keys(storage).filter((name) => storage[name]?.type === "nfs");
    return [
      {
        path: [...path, "storage"],
        problem: `The storage ${settings.storage} is of type ${target.type}, and GitLab's guest mounts its backups by NFS.`,
        remedy: fitting.length === 0 ? "Add a storage of type nfs." : `Choose ${fitting.join(" or ")}.`,
      },
    ];
  }
  const [own, other] = [`${settings.export}/`, `${target.export}/`];
  if (!own.startsWith(other) && !other.startsWith(own)) return [];
  return [
    {
      path: [...path, "export"],
      problem: `${settings.export} and the export of ${settings.storage} (${target.export}) are not apart: who breaks into GitLab could read and destroy the guests' backups.`,
      remedy: "Give GitLab an export of its own on that server, which only its address may mount.",
    },
  ];
}

function runner(inventory: Inventory): RuleIssue[] {
  const gitlab = inventory.services.gitlab;
  if (gitlab?.runner === undefined) return [];
  const path = ["services", "gitlab", "runner"];
  const release = (version: string) => version.split(".").slice(0, 2).join(".");
  const issues: RuleIssue[] = [];
  if (release(gitlab.version) !== release(gitlab.runner.version)) {
    issues.push({
      path: [...path, "version"],
      problem: `The runner is of ${release(gitlab.runner.version)} and GitLab of ${release(gitlab.version)}: they belong together (https://docs.gitlab.com/runner/#gitlab-runner-versions).`,
      remedy: `Write a version that begins with ${release(gitlab.version)}.`,
    });
  }
  if (gitlab.runner.registered && !placedGuests(inventory).some(({ guest }) => guest.runs === "gitlab")) {
    issues.push({
      path: [...path, "registered"],
      problem: "The runner is to take jobs, and no guest runs GitLab.",
      remedy: "Leave registered out, or give a machine runs: gitlab.",
    });
  }
  return issues;
}
