import type { RepositoryPlan } from "../install-packages.ts";

// https://docs.gitlab.com/omnibus/update/package_signatures/
const key = {
  keyUrl: "https://packages.gitlab.com/gpgkey/gpg.key",
  keyFingerprint: "F6403F6544A38863DAA0B6E03F01618A51312F3F",
};

/** Where GitLab's own packages of an edition come from: each release of Debian has a repository. */
export function gitlabRepository(edition: "ce" | "ee"): RepositoryPlan {
  const name = `gitlab-${edition}`;
  return {
    name,
    url: `https://packages.gitlab.com/gitlab/${name}/debian/trixie`,
    suite: "trixie",
    components: ["main"],
    ...key,
  };
}

/** Where the runner's packages come from: one repository has them for all releases. */
export const runnerRepository: RepositoryPlan = {
  name: "gitlab-runner",
  url: "https://packages.gitlab.com/runner/gitlab-runner/debian",
  suite: "trixie",
  components: ["main"],
  ...key,
};
