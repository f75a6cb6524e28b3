import { request as httpsRequest } from "node:https";
import type { Simulator } from "@proxmox-homelab/simulator";
import { describe, expect } from "vitest";
import { test } from "./simulator-test.ts";

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Ends the request once the answer has this in it. */
  readonly until?: string;
}

function ask(
  { url, ca }: Simulator,
  path: string,
  { method = "GET", headers = {}, body, until }: Sent = {},
): Promise<Reply> {
  const all = body === undefined ? headers : { "content-type": "application/json", ...headers };
  return new Promise((resolve, reject) => {
    // Where the host is another one, the certificate would be refused first.
    const options = { method, ca, headers: all, agent: false, checkServerIdentity: () => undefined };
    const outgoing = httpsRequest(new URL(path, url), options, (response) => {
      let text = "";
      const end = () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        outgoing.destroy();
      };
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (until !== undefined && text.includes(until)) end();
      });
      response.on("end", end);
    });
    outgoing.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const html = { "content-type": "text/html; charset=utf-8" };

describe("who may see the page", () => {
  test("everyone on this machine, without a login", async ({ simulator }) => {
    expect(await ask(simulator, "/")).toMatchObject({ status: 200, headers: html });
    const { port } = new URL(simulator.url);
    for (const host of ["localhost", `localhost:${port}`, "[::1]:8006"]) {
      expect(await ask(simulator, "/", { headers: { host } }), host).toMatchObject({ status: 200 });
    }
  });

  test.for(["/", "/simulator/page.js", "/simulator/events", "/simulator/endpoints"])(
    "%s refuses a name that points here from outside",
    async (path, { simulator }) => {
      for (const host of ["evil.example", "evil.example:8006", "127.0.0.1.evil.example", "localhost.evil.example"]) {
        expect(await ask(simulator, path, { headers: { host } }), host).toMatchObject({
          status: 403,
          text: `The page is for this machine only: open it as localhost, not as "${host}".`,
        });
      }
    },
  );

  test("another site can link to the page, but not fetch, embed or change anything", async ({ simulator }) => {
    const crossSite = { "sec-fetch-site": "cross-site" };
    const link = { ...crossSite, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    expect(await ask(simulator, "/", { headers: link })).toMatchObject({ status: 200 });
    const refused = { status: 403, text: "The page does not answer other sites." };
    const frame = { ...link, "sec-fetch-dest": "iframe" };
    expect(await ask(simulator, "/", { headers: frame })).toMatchObject(refused);
    expect(await ask(simulator, "/simulator/events", { headers: crossSite })).toMatchObject(refused);
    const sameSite = { "sec-fetch-site": "same-site" };
    expect(await ask(simulator, "/simulator/events", { headers: sameSite })).toMatchObject(refused);
    const fault = { method: "POST", body: { fault: "* ** hang" } };
    for (const origin of ["https://evil.example", "null", "https://localhost:1", "http://127.0.0.1"]) {
      const reply = await ask(simulator, "/simulator/faults", { ...fault, headers: { origin } });
      expect(reply, origin).toMatchObject(refused);
    }
    expect(simulator.faults.list()).toEqual([]);
    const own = { origin: new URL(simulator.url).origin, "sec-fetch-site": "same-origin" };
    expect(await ask(simulator, "/simulator/faults", { ...fault, headers: own })).toMatchObject({ status: 204 });
    expect(simulator.faults.list()).toHaveLength(1);
  });

  test("nothing may be loaded from elsewhere, and nobody may frame it", async ({ simulator }) => {
    const { headers } = await ask(simulator, "/");
    expect(headers).toMatchObject({
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
  });

  test("the page never shows a secret", async ({ simulator }) => {
    simulator.change(({ storages }) => {
      if (storages["local"] !== undefined) storages["local"].secret = "storage-secret";
    });
    const { text } = await ask(simulator, "/simulator/events", { until: "\n\n" });
    expect(text).toContain("pve-01");
    for (const secret of [simulator.password, simulator.apiToken.split("=")[1] ?? "", "storage-secret"]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe("GET /simulator/events", () => {
  test("tells what there is, and again when it changes", async ({ simulator }) => {
    const ended = ask(simulator, "/simulator/events", { until: "second" });
    await ask(simulator, "/simulator/events", { until: "\n\n" });
    simulator.change((state) => void (state.name = "second"));
    const { text, headers } = await ended;
    expect(headers).toMatchObject({ "content-type": "text/event-stream" });
    expect(text).toMatch(/^data: \{"cluster":"homelab".*\n\n/);
  });

  test("many changes at once are told once", async ({ simulator }) => {
    const ended = ask(simulator, "/simulator/events", { until: "change-99" });
    await ask(simulator, "/simulator/events", { until: "\n\n" });
    for (let index = 0; index < 100; index++) simulator.change((state) => void (state.name = `change-${index}`));
    const { text } = await ended;
    expect(text.match(/^data: /gm)?.length).toBeLessThanOrEqual(3);
  });
});

describe("changes from the page", () => {
  test("POST /simulator/faults, DELETE /simulator/faults/{id}", async ({ simulator }) => {
    const post = (fault: unknown) => ask(simulator, "/simulator/faults", { method: "POST", body: { fault } });
    expect(await post("GET /version 503 maintenance ×1")).toMatchObject({ status: 204 });
    await expect(simulator.request("GET", "/version")).rejects.toMatchObject({ status: 503, message: "maintenance" });
    expect(await post("nonsense")).toMatchObject({
      status: 400,
      text: expect.stringContaining("is not a fault. Write METHOD PATH") as string,
    });
    const [{ id } = { id: 0 }] = simulator.faults.list();
    expect(await ask(simulator, `/simulator/faults/${id}`, { method: "DELETE" })).toMatchObject({ status: 204 });
    expect(simulator.faults.list()).toEqual([]);
  });

  test("POST /simulator/incidents", async ({ simulator }) => {
    const post = (incident: string) => ask(simulator, "/simulator/incidents", { method: "POST", body: { incident } });
    expect(await post("disk pve-01 /dev/nvme1n1 dies")).toMatchObject({ status: 204 });
    expect(simulator.state.nodes["pve-01"]?.disks["/dev/nvme1n1"]).toMatchObject({ dead: true });
    expect(await post("disk pve-01 /dev/sdz dies")).toMatchObject({
      status: 400,
      text: '{"message":"There is no disk /dev/sdz on a node pve-01."}',
    });
  });

  test("GET /simulator/tasks/{upid}", async ({ simulator, run }) => {
    await run("POST", "/nodes/pve-01/lxc", {
      vmid: "101",
      ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
      storage: "local-zfs",
    });
    const [upid = ""] = Object.keys(simulator.state.tasks);
    const { text } = await ask(simulator, `/simulator/tasks/${encodeURIComponent(upid)}`);
    expect(JSON.parse(text)).toEqual(simulator.state.tasks[upid]?.log);
    expect(await ask(simulator, "/simulator/tasks/UPID:none")).toMatchObject({ status: 404 });
  });
});

test("faults do not strike the page, and its requests are not remembered", async ({ simulator }) => {
  simulator.faults.add({ path: "**", effect: { kind: "status", status: 500 } });
  expect(await ask(simulator, "/")).toMatchObject({ status: 200 });
  expect(await ask(simulator, "/simulator/page.css")).toMatchObject({ status: 200 });
  expect(await ask(simulator, "/api2/json/version")).toMatchObject({ status: 500 });
  expect(simulator.requests).toMatchObject([{ path: "/version" }]);
});

test("GET /simulator/endpoints tells what is there and what is not", async ({ simulator }) => {
  const { text } = await ask(simulator, "/simulator/endpoints");
  const rowOf = (method: string, path: string) =>
    text.split("\n").find((line) => line.includes(`<code>${method}</code></td><td><code>${path}</code>`)) ?? "";
  expect(rowOf("POST", "/nodes/{node}/lxc")).toContain(">implemented<");
  expect(rowOf("GET", "/nodes/{node}")).toContain(">implemented<");
  expect(rowOf("GET", "/nodes/{node}/ceph/osd")).toContain(">not implemented<");
});
