import type { ForgePlace } from "./ask-forge.ts";

/** A project on GitLab or GitHub, as a pipeline of it reaches it. */
export interface Forge extends Pick<ForgePlace, "forge" | "userUrl" | "headers"> {
  /** What messages call it: `project 12`, `me/homelab`. */
  readonly project: string;
  /** Where all that belongs to it is. */
  readonly projectUrl: string;
}

/** Why something is only printed. */
export interface Unposted {
  readonly reason: string;
}

/** Which of the two a pipeline belongs to, by the variables that they set. */
export function forgeOf(environment: NodeJS.ProcessEnv): Forge["forge"] | undefined {
  if (filled(environment["CI_API_V4_URL"]) !== undefined) return "GitLab";
  return filled(environment["GITHUB_REPOSITORY"]) === undefined ? undefined : "GitHub";
}

/** Finds the project that a pipeline runs for, and what opens it. */
export function findForge(environment: NodeJS.ProcessEnv): Forge | Unposted {
  const forge = forgeOf(environment);
  if (forge === undefined) return { reason: "this is no pipeline of GitLab or GitHub" };
  return forge === "GitLab" ? onGitlab(environment) : onGithub(environment);
}

function onGitlab(environment: NodeJS.ProcessEnv): Forge | Unposted {
  const { CI_API_V4_URL: api = "", CI_PROJECT_ID: project = "" } = environment;
  const token = filled(environment["GITLAB_TOKEN"]);
  if (token === undefined) {
    return {
      reason:
        "GITLAB_TOKEN is not set, and the job's own token may not write there; make a project access token (role Reporter, scope api) and put it there",
    };
  }
  return {
    forge: "GitLab",
    project: `project ${project}`,
    projectUrl: `${api}/projects/${encodeURIComponent(project)}`,
    userUrl: `${api}/user`,
    headers: { "PRIVATE-TOKEN": token },
  };
}

function onGithub(environment: NodeJS.ProcessEnv): Forge | Unposted {
  const { GITHUB_API_URL: api = "https://api.github.com", GITHUB_REPOSITORY: repository = "" } = environment;
  const token = filled(environment["GITHUB_TOKEN"]);
  if (token === undefined) {
    return { reason: "GITHUB_TOKEN is not set; hand it to the step as `GITHUB_TOKEN: ${{ github.token }}`" };
  }
  return {
    forge: "GitHub",
    project: repository,
    projectUrl: `${api}/repos/${repository}`,
    userUrl: `${api}/user`,
    headers: {
      Authorization: `Bearer ${token}`,
      Accept: "application/vnd.github+json",
      "X-GitHub-Api-Version": "2022-11-28",
    },
  };
}

/** An empty variable counts as none. */
export function filled(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
