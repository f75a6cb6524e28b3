import { afterEach, describe, expect, test } from "vitest";
import { findComments, type CommentPlace } from "../../src/report/find-comments.ts";
import { upsertComment } from "../../src/report/upsert-comment.ts";
import { ourselves, startCommentsServer, type CommentsServer } from "./comments-server.ts";

const marker = "<!-- homelab preview of homelab -->";
const somebody = 3;
const forges = ["GitLab", "GitHub"] as const;
let server: CommentsServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe.each(forges)("on %s", (forge) => {
  test("a first report is added", async () => {
    server = await startCommentsServer([[somebody, "Looks good."]]);
    expect(await upsertComment(place(forge, server), marker, `${marker}\nfirst`)).toBe("added");
    expect(server.comments.map(({ body }) => body)).toEqual(["Looks good.", `${marker}\nfirst`]);
  });

  test("the next takes its place, also where it stands on a later page", async () => {
    const others = ["a", "b", "c", "d"].map((body) => [somebody, body] as const);
    server = await startCommentsServer([...others, [ourselves, `${marker}\nfirst`], [somebody, "e"]]);
    expect(await upsertComment(place(forge, server), marker, `${marker}\nsecond`)).toBe("updated");
    expect(server.comments.map(({ body }) => body)).toEqual(["a", "b", "c", "d", `${marker}\nsecond`, "e"]);
  });

  test("neither what somebody else wrote with the same marker is touched, nor our own about another stack", async () => {
    const [forged, other] = [`${marker}\nall is well`, "<!-- homelab preview of test -->\n"];
    server = await startCommentsServer([
      [somebody, forged],
      [ourselves, other],
      [ourselves, `See ${marker}`],
    ]);
    expect(await upsertComment(place(forge, server), marker, `${marker}\nreal`)).toBe("added");
    expect(server.comments.map(({ body }) => body)).toEqual([forged, other, `See ${marker}`, `${marker}\nreal`]);
  });

  test.each([
    [401, "is wrong or has expired: put in a new one."],
    [404, "may not see it"],
    [502, "That is a fault of the server: run the job again."],
  ])("an answer of %i is told with what to do", async (status, remedy) => {
    server = await startCommentsServer([]);
    server.fail(status);
    const error = await upsertComment(place(forge, server), marker, marker).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: "ForgeError",
      message: expect.stringContaining(`: ${forge} answers ${status}, ${status} told. `) as string,
    });
    expect((error as Error).message).toContain(remedy);
    expect((error as Error).message).not.toContain("secret");
  });

  test("a token that may only read is told what it lacks", async () => {
    server = await startCommentsServer([]);
    server.fail(403, forge === "GitLab" ? "/notes" : "/comments");
    const right = forge === "GitLab" ? "the scope api and the role Reporter" : "`pull-requests: write`";
    await expect(upsertComment(place(forge, server), marker, marker)).rejects.toThrow(right);
  });

  test("a server that is not there is named", async () => {
    server = await startCommentsServer([]);
    const { url } = server;
    const gone = place(forge, server);
    await server.close();
    server = undefined;
    await expect(upsertComment(gone, marker, marker)).rejects.toThrow(`${forge} at ${url} does not answer (`);
  });
});

test("a wrong token is not taken for a run's own", async () => {
  server = await startCommentsServer([]);
  const wrong = { ...place("GitHub", server), headers: { Authorization: "Bearer other" } };
  await expect(upsertComment(wrong, marker, marker)).rejects.toThrow("GitHub answers 401, 401 Unauthorized.");
});

test("the token is sent to no other server", async () => {
  server = await startCommentsServer([]);
  const other = await startCommentsServer([]);
  try {
    const astray = { ...place("GitLab", server), commentUrl: () => `${other.url}/`, userUrl: `${other.url}/user` };
    await expect(upsertComment(astray, marker, marker)).rejects.toThrow("which gets no token");
    expect(other.requests).toEqual([]);
  } finally {
    await other.close();
  }
});

describe("without a place to comment the reason is said", () => {
  const gitlab = { CI_API_V4_URL: "https://git.example/api/v4", CI_PROJECT_ID: "12" };
  const github = { GITHUB_REPOSITORY: "me/homelab", GITHUB_EVENT_PATH: "event.json" };
  test.each([
    ["outside of a pipeline", {}, "no pipeline"],
    ["for a branch of GitLab", gitlab, "not for a merge request"],
    ["without a token for GitLab", { ...gitlab, CI_MERGE_REQUEST_IID: "5" }, "GITLAB_TOKEN is not set"],
    ["with an empty token", { ...gitlab, CI_MERGE_REQUEST_IID: "5", GITLAB_TOKEN: "" }, "GITLAB_TOKEN is not set"],
    ["for a push to GitHub", { GITHUB_REPOSITORY: "me/homelab" }, "not for a pull request"],
    ["without a token for GitHub", github, "GITHUB_TOKEN is not set"],
  ])("%s", (_, environment, reason) => {
    expect(findComments(environment, () => ({ pull_request: { number: 5 } }))).toEqual({
      reason: expect.stringContaining(reason) as string,
    });
  });
});

function place(forge: (typeof forges)[number], { url }: CommentsServer): CommentPlace {
  const found = findComments(
    forge === "GitLab"
      ? { CI_API_V4_URL: url, CI_PROJECT_ID: "12", CI_MERGE_REQUEST_IID: "5", GITLAB_TOKEN: "secret" }
      : { GITHUB_API_URL: url, GITHUB_REPOSITORY: "me/homelab", GITHUB_EVENT_PATH: "e", GITHUB_TOKEN: "secret" },
    () => ({ pull_request: { number: 5 } }),
  );
  if ("reason" in found) throw new Error(found.reason);
  return found;
}
