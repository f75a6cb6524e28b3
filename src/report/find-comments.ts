/** Where comments on a merge request or pull request are read and written. */
export interface CommentPlace {
  readonly forge: "GitLab" | "GitHub";
  /** What messages call it: `merge request !7 of project 12`. */
  readonly name: string;
  /** The list of comments, to which one is added, too. */
  readonly url: string;
  /** Where a single comment is changed. */
  readonly commentUrl: (id: number) => string;
  /** Who the token belongs to. */
  readonly userUrl: string;
  readonly method: "PUT" | "PATCH";
  readonly headers: Readonly<Record<string, string>>;
}

/** Why a report is only printed. */
export interface NoComments {
  readonly reason: string;
}

/**
 * Finds the merge request (GitLab) or pull request (GitHub) that a pipeline runs for, by the variables that they set.
 * @param readEvent reads the file that GitHub leaves about what has happened
 */
export function findComments(
  environment: NodeJS.ProcessEnv,
  readEvent: (file: string) => unknown,
): CommentPlace | NoComments {
  if (filled(environment["CI_API_V4_URL"]) !== undefined) return onGitlab(environment);
  if (filled(environment["GITHUB_REPOSITORY"]) !== undefined) return onGithub(environment, readEvent);
  return { reason: "this is no pipeline of GitLab or GitHub" };
}

function onGitlab(environment: NodeJS.ProcessEnv): CommentPlace | NoComments {
  const { CI_API_V4_URL: api = "", CI_PROJECT_ID: project = "", CI_MERGE_REQUEST_IID: number } = environment;
  if (filled(number) === undefined) return { reason: "this pipeline of GitLab is not for a merge request" };
  const token = filled(environment["GITLAB_TOKEN"]);
  if (token === undefined) {
    return {
      reason:
        "GITLAB_TOKEN is not set, and the job's own token may not comment; make a project access token (role Reporter, scope api) and put it there",
    };
  }
  const url = `${api}/projects/${encodeURIComponent(project)}/merge_requests/${number ?? ""}/notes`;
  return {
    forge: "GitLab",
    name: `merge request !${number ?? ""} of project ${project}`,
    url: `${url}?sort=asc&order_by=created_at&per_page=100`,
    commentUrl: (id) => `${url}/${id}`,
    userUrl: `${api}/user`,
    method: "PUT",
    headers: { "PRIVATE-TOKEN": token },
  };
}

function onGithub(environment: NodeJS.ProcessEnv, readEvent: (file: string) => unknown): CommentPlace | NoComments {
  const { GITHUB_API_URL: api = "https://api.github.com", GITHUB_REPOSITORY: repository = "" } = environment;
  const event = filled(environment["GITHUB_EVENT_PATH"]);
  const number = event === undefined ? undefined : numberOf(readEvent(event));
  if (number === undefined) return { reason: "this run of GitHub Actions is not for a pull request" };
  const token = filled(environment["GITHUB_TOKEN"]);
  if (token === undefined) {
    return { reason: "GITHUB_TOKEN is not set; hand it to the step as `GITHUB_TOKEN: ${{ github.token }}`" };
  }
  const issues = `${api}/repos/${repository}/issues`;
  return {
    forge: "GitHub",
    name: `pull request #${number} of ${repository}`,
    url: `${issues}/${number}/comments?per_page=100`,
    commentUrl: (id) => `${issues}/comments/${id}`,
    userUrl: `${api}/user`,
    method: "PATCH",
    headers: {
      Authorization: `Bearer ${token}`,
      Accept: "application/vnd.github+json",
      "X-GitHub-Api-Version": "2022-11-28",
    },
  };
}

function numberOf(event: unknown): number | undefined {
  const { pull_request: pullRequest } = event as { pull_request?: { number?: unknown } };
  return typeof pullRequest?.number === "number" ? pullRequest.number : undefined;
}

/** An empty variable counts as none. */
function filled(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
