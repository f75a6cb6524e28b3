import type { ForgePlace } from "./ask-forge.ts";
import { filled, findForge, forgeOf, type Unposted } from "./find-forge.ts";

/** Where comments on a merge request or pull request are read and written; the URL is that of the list of them. */
export interface CommentPlace extends ForgePlace {
  /** Where a single comment is changed. */
  readonly commentUrl: (id: number) => string;
  readonly method: "PUT" | "PATCH";
}

/**
 * Finds the merge request (GitLab) or pull request (GitHub) that a pipeline runs for, by the variables that they set.
 * @param readEvent reads the file that GitHub leaves about what has happened
 */
export function findComments(
  environment: NodeJS.ProcessEnv,
  readEvent: (file: string) => unknown,
): CommentPlace | Unposted {
  if (forgeOf(environment) === "GitLab") return onGitlab(environment);
  return onGithub(environment, readEvent);
}

function onGitlab(environment: NodeJS.ProcessEnv): CommentPlace | Unposted {
  const number = filled(environment["CI_MERGE_REQUEST_IID"]);
  if (number === undefined) return { reason: "this pipeline of GitLab is not for a merge request" };
  const found = findForge(environment);
  if ("reason" in found) return found;
  const url = `${found.projectUrl}/merge_requests/${number}/notes`;
  return {
    ...found,
    name: `merge request !${number} of ${found.project}`,
    right: "the scope api and the role Reporter",
    url: `${url}?sort=asc&order_by=created_at&per_page=100`,
    commentUrl: (id) => `${url}/${id}`,
    method: "PUT",
  };
}

function onGithub(environment: NodeJS.ProcessEnv, readEvent: (file: string) => unknown): CommentPlace | Unposted {
  if (forgeOf(environment) === undefined) return { reason: "this is no pipeline of GitLab or GitHub" };
  const event = filled(environment["GITHUB_EVENT_PATH"]);
  const number = event === undefined ? undefined : numberOf(readEvent(event));
  if (number === undefined) return { reason: "this run of GitHub Actions is not for a pull request" };
  const found = findForge(environment);
  if ("reason" in found) return found;
  const issues = `${found.projectUrl}/issues`;
  return {
    ...found,
    name: `pull request #${number} of ${found.project}`,
    right: "the permission `pull-requests: write`",
    url: `${issues}/${number}/comments?per_page=100`,
    commentUrl: (id) => `${issues}/comments/${id}`,
    method: "PATCH",
  };
}

function numberOf(event: unknown): number | undefined {
  const { pull_request: pullRequest } = event as { pull_request?: { number?: unknown } };
  return typeof pullRequest?.number === "number" ? pullRequest.number : undefined;
}
