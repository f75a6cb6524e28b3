import fc from "fast-check";
import { describe, expect, test as plain } from "vitest";
import { parseFault, printFault, type Fault, type FaultEffect } from "../../simulator/src/faults.ts";
import { send } from "./clients.ts";
import { test } from "./simulator-test.ts";

const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
const container = { vmid: "101", ostemplate: template, storage: "local-zfs" };

describe("an effect", () => {
  test("status: refuses with the message in the reason phrase, and does nothing", async ({ simulator }) => {
    simulator.faults.add(parseFault("POST /nodes/*/lxc 507 no space left on device"));
    await expect(simulator.request("POST", "/nodes/pve-01/lxc", container)).rejects.toMatchObject({
      status: 507,
      message: "no space left on device",
    });
    expect(simulator.state.guests).toEqual({});
    expect(simulator.requests).toMatchObject([{ method: "POST", path: "/nodes/pve-01/lxc", status: 507 }]);
  });

  test("status: a message that a status line cannot have is made fit", async ({ simulator }) => {
    simulator.faults.add({ path: "/version", effect: { kind: "status", status: 500, message: "größer\nals" } });
    const { status, reason } = await send(simulator, "GET", "/api2/json/version");
    expect({ status, reason }).toEqual({ status: 500, reason: "gr er" });
  });

  test("is decided for each request by whoever intercepts, until that ends", async ({ simulator }) => {
    const seen: string[] = [];
    const end = simulator.faults.intercept((method, path) => {
      seen.push(`${method} ${path}`);
      return path === "/nodes" ? { kind: "status", status: 507 } : undefined;
    });
    await expect(simulator.request("GET", "/nodes")).rejects.toMatchObject({ status: 507 });
    await simulator.request("GET", "/version");
    end();
    await simulator.request("GET", "/nodes");
    expect(seen).toEqual(["GET /nodes", "GET /version"]);
  });

  test("hang: never answers, and lets the simulator end", async ({ simulator }) => {
    simulator.faults.add(parseFault("GET /version hang"));
    let answered = false;
    const request = simulator.request("GET", "/version").finally(() => {
      answered = true;
    });
    const refused = expect(request).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect.poll(() => simulator.faults.list()).toMatchObject([{ struck: 1 }]);
    expect(await simulator.request("GET", "/nodes")).toHaveLength(2);
    expect(answered).toBe(false);
    await simulator.close();
    await refused;
  });

  test("delay: answers, but later", async ({ simulator }) => {
    simulator.faults.add(parseFault("GET /version delay 0.3"));
    const start = performance.now();
    expect(await simulator.request("GET", "/version")).toMatchObject({ release: "9.2" });
    expect(performance.now() - start).toBeGreaterThan(290);
  });

  test("drop: closes the connection before anything is done", async ({ simulator }) => {
    simulator.faults.add(parseFault("POST /nodes/*/lxc drop"));
    const request = simulator.request("POST", "/nodes/pve-01/lxc", container);
    await expect(request).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(simulator.state.guests).toEqual({});
  });

  test("drop after: closes the connection once the work is done", async ({ simulator, clock }) => {
    simulator.faults.add(parseFault("POST /nodes/*/lxc drop after"));
    const request = simulator.request("POST", "/nodes/pve-01/lxc", container);
    await expect(request).rejects.toMatchObject({ code: "ECONNRESET" });
    clock.advance(3600);
    expect(simulator.state.guests).toMatchObject({ 101: { node: "pve-01" } });
  });

  test("task: starts the task, which fails with the message in its log", async ({ simulator, run }) => {
    simulator.faults.add(parseFault("POST /nodes/*/lxc task no space left on device"));
    expect(await run("POST", "/nodes/pve-01/lxc", container)).toBe("no space left on device");
    const [upid = ""] = Object.keys(simulator.state.tasks);
    const log = await simulator.request<{ t: string }[]>("GET", `/nodes/pve-01/tasks/${upid}/log`);
    expect(log.map(({ t }) => t)).toEqual(["TASK ERROR: no space left on device"]);
    expect(simulator.state.guests).toEqual({});
  });

  test("task: a request that starts none is answered as ever", async ({ simulator }) => {
    simulator.faults.add(parseFault("* ** task broken"));
    expect(await simulator.request("GET", "/version")).toMatchObject({ release: "9.2" });
  });
});

describe("which requests", () => {
  test.for([
    ["GET /version 500", true],
    ["* /version 500", true],
    ["POST /version 500", false],
    ["GET /vers 500", false],
    ["GET /* 500", true],
    ["GET ** 500", true],
    ["GET /nodes/*/lxc 500", false],
    ["GET /versio. 500", false],
  ] as const)("%s", async ([text, strikes], { simulator }) => {
    simulator.faults.add(parseFault(text));
    const status = await simulator.request("GET", "/version").then(
      () => 200,
      (error: unknown) => (error as { status: number }).status,
    );
    expect(status).toBe(strikes ? 500 : 200);
    expect(simulator.faults.list()).toMatchObject([{ struck: strikes ? 1 : 0 }]);
  });

  test("* does not stand for a slash, ** does", async ({ simulator }) => {
    simulator.faults.add(parseFault("GET /nodes/* 500 one"));
    simulator.faults.add(parseFault("GET /nodes/** 500 two"));
    await expect(simulator.request("GET", "/nodes/pve-01")).rejects.toMatchObject({ message: "one" });
    await expect(simulator.request("GET", "/nodes/pve-01/lxc")).rejects.toMatchObject({ message: "two" });
  });

  test("×N: only the first N, and then the next fault", async ({ simulator }) => {
    simulator.faults.add(parseFault("GET /version 500 first ×2"));
    simulator.faults.add(parseFault("GET /version 503 second x1"));
    const ask = () =>
      simulator.request("GET", "/version").then(
        () => "OK",
        (error: unknown) => (error as Error).message,
      );
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual(["first", "first", "second", "OK"]);
    expect(simulator.faults.list()).toMatchObject([{ struck: 2 }, { struck: 1 }]);
  });

  test("none any more once it is removed", async ({ simulator }) => {
    const remove = simulator.faults.add(parseFault("GET ** 500 gone"));
    simulator.faults.add(parseFault("GET ** 500 still there"));
    remove();
    await expect(simulator.request("GET", "/version")).rejects.toMatchObject({ message: "still there" });
    simulator.faults.clear();
    expect(await simulator.request("GET", "/version")).toMatchObject({ release: "9.2" });
  });
});

describe("parseFault", () => {
  plain.each([
    ["GET /version 500", { method: "GET", path: "/version", effect: { kind: "status", status: 500 } }],
    [
      "  POST   /nodes/*/lxc 500 no space ×3 ",
      { method: "POST", path: "/nodes/*/lxc", times: 3, effect: { kind: "status", status: 500, message: "no space" } },
    ],
    ["* ** hang x1", { path: "**", times: 1, effect: { kind: "hang" } }],
    ["PUT ** delay 1.5", { method: "PUT", path: "**", effect: { kind: "delay", seconds: 1.5 } }],
    ["DELETE ** drop", { method: "DELETE", path: "**", effect: { kind: "drop" } }],
    ["DELETE ** drop after", { method: "DELETE", path: "**", effect: { kind: "drop", after: true } }],
    ["POST ** task broken ×1", { method: "POST", path: "**", times: 1, effect: { kind: "task", message: "broken" } }],
  ])("%s", (text, fault) => {
    expect(parseFault(text)).toEqual(fault);
  });

  plain.each([
    "",
    "GET",
    "GET /version",
    "get /version 500",
    "GET version 500",
    "GET /version 200",
    "GET /version delay",
    "GET /version delay soon",
    "GET /version hang around",
    "GET /version drop later",
    "GET /version task",
    "GET /version explode",
  ])("%j is not a fault", (text) => {
    expect(() => parseFault(text)).toThrow(
      `"${text}" is not a fault. Write METHOD PATH, and one of: STATUS [MESSAGE], hang, delay SECONDS, drop, drop after, task MESSAGE; then ×N for how often.`,
    );
  });

  plain("reads what printFault writes", () => {
    const word = fc.stringMatching(/^[a-z0-9%'"-]{1,8}$/).filter((text) => !/^[x×]\d+$/.test(text));
    const message = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" "));
    const effect: fc.Arbitrary<FaultEffect> = fc.oneof(
      fc.record({ kind: fc.constant("status" as const), status: fc.integer({ min: 400, max: 599 }), message }),
      fc.record({ kind: fc.constant("status" as const), status: fc.integer({ min: 400, max: 599 }) }),
      fc.constant({ kind: "hang" as const }),
      fc.integer({ min: 0, max: 1000 }).map((tenths) => ({ kind: "delay" as const, seconds: tenths / 10 })),
      fc.constant({ kind: "drop" as const }),
      fc.constant({ kind: "drop" as const, after: true }),
      fc.record({ kind: fc.constant("task" as const), message }),
    );
    const fault: fc.Arbitrary<Fault> = fc.record(
      {
        method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
        path: fc.constantFrom("/version", "/nodes/*/lxc", "**"),
        times: fc.integer({ min: 1, max: 99 }),
        effect,
      },
      { requiredKeys: ["path", "effect"] },
    );
    fc.assert(
      fc.property(fault, (expected) => {
        expect(parseFault(printFault(expected))).toEqual(expected);
      }),
    );
  });
});
