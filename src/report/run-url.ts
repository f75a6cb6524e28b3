import { filled } from "./find-forge.ts";

/** Where people see what a pipeline's job has done; nothing outside of pipelines. */
export function runUrl(environment: NodeJS.ProcessEnv): string | undefined {
  const { CI_JOB_URL: job, GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = environment;
  if (filled(job) !== undefined) return job;
  if ([server, repository, run].some((part) => filled(part) === undefined)) return undefined;
  return `${server ?? ""}/${repository ?? ""}/actions/runs/${run ?? ""}`;
}
