import { afterEach, beforeEach, expect, test } from "vitest";
import { sendWebhook } from "../../scripts/send-webhook.ts";
import { failedLook, type Look } from "../../src/drift/drift.ts";
import { renderMessage } from "../../src/drift/render-message.ts";
import { readFields, serve, type Served } from "../report/serve.ts";

const drift = { kind: "changed", what: "container grafana: memory", where: "pve-01", was: 1, is: 2 } as const;
const changed: Look = { area: "resources", subject: "container grafana", drifts: [drift] };
const clean: Look = { ...changed, drifts: [] };
let server: Served;
let received: Readonly<Record<string, unknown>>[];
let status: number;

beforeEach(async () => {
  [received, status] = [[], 204];
  server = await serve((request, response) => {
    void readFields(request).then((fields) => {
      received.push({ method: request.method, url: request.url, ...fields });
      response.writeHead(status, { Location: "/elsewhere" }).end();
    });
  });
});

afterEach(async () => {
  await server.close();
});

test("drift is told, for people and for programs", async () => {
  const accepted: Look = { ...changed, policy: "accept" };
  const told = await sendWebhook(`${server.url}/hooks/secret`, "home", [changed, accepted], {
    CI_JOB_URL: "https://git.example/1",
  });
  expect(told).toBe(`One thing that has drifted was told to ${server.url}.`);
  const text = "Drift of home: 1 thing.\n- container grafana: memory (pve-01): was 1, is 2\nhttps://git.example/1";
  expect(received).toEqual([
    {
      ...{ method: "POST", url: "/hooks/secret", text, content: text, run: "https://git.example/1" },
      ...{ stack: "home", exitCode: 7, looks: 2, drift: [{ ...drift, policy: "report" }], restored: [], unchecked: [] },
    },
  ]);
});

test("that nobody could look is told, too", async () => {
  const told = await sendWebhook(server.url, "home", [failedLook("no route to host")], {});
  expect(told).toBe(`That nobody could look was told to ${server.url}.`);
  expect(received).toMatchObject([
    {
      exitCode: 1,
      text: "Nobody could look for drift of home, or not everywhere.\n? the look itself: not checked, for no route to host",
    },
  ]);
});

test("where all is well, nobody is told", async () => {
  expect(await sendWebhook(server.url, "home", [clean, { ...changed, policy: "accept" }], {})).toBe("");
  expect(received).toEqual([]);
});

test.each([302, 404, 500])("an answer of %i is said, without the address, which is a secret", async (refusal) => {
  status = refusal;
  const told = await sendWebhook(`${server.url}/hooks/secret`, "home", [changed], {});
  expect(told).toMatch(/^The webhook is not told: http:\/\/127\.0\.0\.1:\d+ (?:answers|does not answer)/);
  expect(told).not.toContain("secret");
  expect(received).toHaveLength(1);
});

test("a server that is not there, and an address that is none, are said", async () => {
  const gone = server.url;
  await server.close();
  expect(await sendWebhook(`${gone}/secret`, "home", [changed], {})).toMatch(/does not answer \(.*ECONNREFUSED/);
  expect(await sendWebhook("chat", "home", [changed], {})).toContain("the address is no URL of https or http");
});

test("a message fits into a chat, however much there is", () => {
  const many = Array.from({ length: 40 }, () => ({ ...drift, was: "x".repeat(300) }));
  expect(renderMessage("home", [{ ...changed, drifts: many }], undefined).length).toBeLessThanOrEqual(1800);
  const short = renderMessage("home", [{ ...changed, drifts: Array.from({ length: 12 }, () => drift) }], undefined);
  expect(short).toContain("\n… and 2 more");
});
