import { afterEach, describe, expect, test } from "vitest";
import { findIssues, type IssuePlace } from "../../src/report/find-issues.ts";
import { keepIssue, type Wanted } from "../../src/report/keep-issue.ts";
import { runUrl } from "../../src/report/run-url.ts";
import { ourselves, startIssuesServer, type IssuesServer } from "./issues-server.ts";

const marker = "<!-- homelab drift of home -->";
const somebody = 3;
const forges = ["GitLab", "GitHub"] as const;
const opened: Wanted = { kind: "open", marker, title: "Drift of home", body: `${marker}\n\ntoday\n` };
const closed: Wanted = { kind: "closed", marker, comment: "No drift any more." };
const yesterday = { authorId: ourselves, body: `${marker}\n\nyesterday` };
const other = { authorId: somebody, body: "The lamp is broken." };
let server: IssuesServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe.each(forges)("on %s", (forge) => {
  test("the first drift opens an issue, and where it can be kept from strangers it is", async () => {
    server = await startIssuesServer([other]);
    expect(await keepIssue(place(forge, server), opened)).toEqual({ done: "opened", number: 2 });
    expect(server.issues[1]).toMatchObject({ title: "Drift of home", body: opened.body, isOpen: true });
    expect(server.issues[1]?.confidential).toBe(forge === "GitLab" ? true : undefined);
  });

  test("the next is in the same one, on whatever page", async () => {
    server = await startIssuesServer([yesterday, other, other, other]);
    expect(await keepIssue(place(forge, server), opened)).toEqual({ done: "updated", number: 1 });
    expect(server.issues).toHaveLength(4);
    expect(server.issues[0]).toMatchObject({ title: "Drift of home", body: opened.body });
  });

  test("the same again changes nothing", async () => {
    server = await startIssuesServer();
    await keepIssue(place(forge, server), opened);
    const before = server.requests.length;
    expect(await keepIssue(place(forge, server), opened)).toEqual({ done: "as it was", number: 1 });
    expect(server.requests.slice(before).every((request) => request.startsWith("GET "))).toBe(true);
  });

  test("no drift closes it with a comment, and once", async () => {
    server = await startIssuesServer([yesterday]);
    expect(await keepIssue(place(forge, server), closed)).toEqual({ done: "closed", number: 1 });
    expect(await keepIssue(place(forge, server), closed)).toEqual({ done: "as it was" });
    expect(server.issues).toMatchObject([{ isOpen: false, comments: ["No drift any more."], body: yesterday.body }]);
  });

  test("drift that comes back opens the same one again", async () => {
    server = await startIssuesServer([{ ...yesterday, isOpen: false }, other]);
    expect(await keepIssue(place(forge, server), opened)).toEqual({ done: "reopened", number: 1 });
    expect(server.issues).toHaveLength(2);
    expect(server.issues[0]).toMatchObject({ isOpen: true, body: opened.body });
  });

  test("no issue of somebody else, of another stack, and no pull request is touched", async () => {
    const others = [
      { authorId: somebody, body: `${marker}\nall is well` },
      { authorId: ourselves, body: "<!-- homelab drift of test -->" },
      ...(forge === "GitHub" ? [{ authorId: ourselves, body: `${marker}\n`, isPullRequest: true }] : []),
    ];
    server = await startIssuesServer(others);
    expect(await keepIssue(place(forge, server), closed)).toEqual({ done: "as it was" });
    expect((await keepIssue(place(forge, server), opened)).done).toBe("opened");
    expect(server.issues.slice(0, others.length)).toMatchObject(others.map((one) => ({ ...one, isOpen: true })));
  });

  test.each([
    [401, "is wrong or has expired: put in a new one."],
    [403, forge === "GitLab" ? "the scope api and the role Reporter" : "the permission `issues: write`"],
    [410, "switch it on in the project's settings."],
  ])("an answer of %i to a change is told with what to do", async (status, remedy) => {
    server = await startIssuesServer();
    server.fail(status, "POST");
    const error = await keepIssue(place(forge, server), opened).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: "ForgeError",
      message: expect.stringMatching(
        new RegExp(`^Cannot add to the issues of .*: ${forge} answers ${status}, ${status} told\\. `),
      ) as string,
    });
    expect((error as Error).message).toContain(remedy);
    expect((error as Error).message).not.toContain("secret");
  });
});

test.each([
  ["outside of a pipeline", {}, "no pipeline"],
  ["without a token for GitLab", { CI_API_V4_URL: "https://git.example/api/v4" }, "GITLAB_TOKEN is not set"],
  ["without a token for GitHub", { GITHUB_REPOSITORY: "me/homelab", GITHUB_TOKEN: "" }, "GITHUB_TOKEN is not set"],
])("%s there is no place for issues, and the reason is said", (_, environment, reason) => {
  expect(findIssues(environment)).toEqual({ reason: expect.stringContaining(reason) as string });
});

test("where a run can be seen is known in pipelines, and nowhere else", () => {
  expect(runUrl({})).toBeUndefined();
  expect(runUrl({ CI_JOB_URL: "https://git.example/-/jobs/3" })).toBe("https://git.example/-/jobs/3");
  const github = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "me/homelab", GITHUB_RUN_ID: "9" };
  expect(runUrl(github)).toBe("https://github.com/me/homelab/actions/runs/9");
});

function place(forge: (typeof forges)[number], { url }: IssuesServer): IssuePlace {
  const found = findIssues(
    forge === "GitLab"
      ? { CI_API_V4_URL: url, CI_PROJECT_ID: "12", GITLAB_TOKEN: "secret" }
      : { GITHUB_API_URL: url, GITHUB_REPOSITORY: "me/homelab", GITHUB_TOKEN: "secret" },
  );
  if ("reason" in found) throw new Error(found.reason);
  return found;
}
