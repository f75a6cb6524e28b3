import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import type { StepPlan } from "../../src/plan/steps.ts";
import { digestOf } from "../../src/provision/render-step.ts";
import { StepPlace } from "./step-place.ts";

// The scripts run for real, in this machine's own shell; only the root of the file system is a folder.
let place: StepPlace;

beforeEach(() => {
  place = new StepPlace();
});

afterEach(() => {
  place.remove();
});

/** A service with a checker, whose reload writes down what it has read. */
function service(interval: string, changed: Partial<StepPlan> = {}): StepPlan {
  return {
    name: "service",
    files: [
      file("/etc/service/main.conf", `interval ${interval}\n`),
      file("/etc/service/rules.conf", "rules\n\n  with blanks \\ and 'quotes'  \n"),
    ],
    check:
      'grep -q "^interval [0-9]*s$" "$STAGED"ROOT/etc/service/main.conf || { echo "main.conf: no interval" >&2; exit 1; }',
    activate:
      "cat ROOT/etc/service/main.conf >> ROOT/reloads\n[ ! -e ROOT/broken ] || { echo 'reload failed: it is broken' >&2; exit 1; }",
    verify: "[ -e ROOT/reloads ] || { echo 'it was never started' >&2; exit 1; }",
    ...changed,
  };
}

function file(path: string, text: string): StepPlan["files"][number] {
  return { path, mode: "0640", owner: "root:root", text: [text] };
}

describe("a step that is applied", () => {
  test("puts its files where they belong, activates them once, and is intact", () => {
    expect(place.apply(service("15s"))).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(
        /main\.conf is replaced\.[^]*rules\.conf is replaced\.[^]*service: is in place\.\n$/,
      ) as string,
    });
    expect(place.read("/etc/service/main.conf")).toBe("interval 15s\n");
    expect(place.read("/etc/service/rules.conf")).toBe("rules\n\n  with blanks \\ and 'quotes'  \n");
    expect(place.read("/reloads")).toBe("interval 15s\n");
    expect(place.observe(service("15s"))).toEqual([expect.stringMatching(/^service 1 [0-9a-f]{16} intact$/)]);
  });

  test("again changes nothing and activates nothing", () => {
    place.apply(service("15s"));
    expect(place.apply(service("15s"), 2)).toMatchObject({ code: 0, stderr: "service: is in place already.\n" });
    expect(place.read("/reloads")).toBe("interval 15s\n");
    expect(place.observe(service("15s"))).toEqual([expect.stringMatching(/^service 2 /)]);
  });

  test("replaces only the file that differs", () => {
    place.apply(service("15s"));
    const { stderr } = place.apply(service("30s"), 2);
    expect(stderr.match(/is replaced/g)).toHaveLength(1);
    expect(place.read("/reloads")).toBe("interval 15s\ninterval 30s\n");
  });

  test("takes away what is no longer part of it", () => {
    place.apply(service("15s"));
    place.apply(service("15s", { files: [file("/etc/service/main.conf", "interval 15s\n")] }), 2);
    expect(place.read("/etc/service/rules.conf")).toBeUndefined();
  });

  test("writes secrets into files and nowhere else", () => {
    const secret = { secret: "password", reason: "" };
    const step = service("15s", {
      files: [...service("15s").files, { ...file("/etc/service/secret", ""), text: ["is ", secret, "\n"] }],
    });
    const { stdout, stderr } = place.apply(step, 1, { password: "hush" });
    expect(place.read("/etc/service/secret")).toBe("is hush\n");
    expect(stdout + stderr).not.toContain("hush");
  });

  test("prints its result and nothing else", () => {
    const step = service("15s", { result: "cat ROOT/etc/service/main.conf" });
    expect(place.apply(step).stdout).toBe("interval 15s\n");
    expect(place.apply(step, 2).stdout).toBe("interval 15s\n");
  });

  test("waits for the service to come up", () => {
    const verify = 'echo try >> ROOT/tries; [ "$(wc -l < ROOT/tries)" -gt 2 ]';
    expect(place.apply(service("15s", { verify, settleSeconds: 5 })).code).toBe(0);
  });
});

describe.skipIf(findProgram("flock") === undefined)("a step whose earlier application still goes on", () => {
  const slow = {
    activate: "until [ -e ROOT/go ]; do sleep 0.05; done; cat ROOT/etc/service/main.conf >> ROOT/reloads",
  };

  test("waits for its end, says so, and then finds what that has left", async () => {
    const first = place.applyBeside(service("15s", slow), 1);
    await vi.waitUntil(() => place.read("/etc/service/rules.conf") !== undefined);
    const second = await place.applyBeside(service("30s", slow), 2, (text) => {
      if (text.includes("still goes on")) place.write("/go", "");
    });
    expect(await first).toMatchObject({ code: 0 });
    expect(second.stderr).toMatch(
      /^service: an earlier application of it still goes on here; waiting[^]*is in place\.\n$/,
    );
    expect(place.read("/reloads")).toBe("interval 15s\ninterval 30s\n");
  });

  test("is not held by what that has started", () => {
    place.apply(service("15s", { activate: "sleep 60 >ROOT/log 2>&1 & echo $! > ROOT/reloads" }));
    const { code, stderr } = place.apply(service("30s"));
    process.kill(Number(place.read("/reloads")?.split("\n")[0]));
    expect(stderr).not.toContain("still goes on");
    expect(code).toBe(0);
  });
});

describe("a step that has to be prepared", () => {
  test("is prepared before its files are compared, each time", () => {
    const step = service("15s", {
      prepare: "echo prepared >> ROOT/prepared\n[ -e ROOT/reloads ] || [ ! -e ROOT/etc/service/main.conf ]",
    });
    expect(place.apply(step).code).toBe(0);
    expect(place.apply(step, 2)).toMatchObject({ code: 0, stderr: "service: is in place already.\n" });
    expect(place.read("/prepared")).toBe("prepared\nprepared\n");
  });

  test("and cannot be, has changed no file", () => {
    place.apply(service("15s"));
    const { code, stderr } = place.apply(service("30s", { prepare: "echo 'no such user' >&2; exit 1" }), 2);
    expect(code).toBe(1);
    expect(stderr).toBe("no such user\nservice: could not be prepared; no file was changed.\n");
    expect(place.read("/etc/service/main.conf")).toBe("interval 15s\n");
    expect(place.observe(service("15s"))).toEqual([expect.stringMatching(/^service 1 .* intact$/)]);
  });
});

describe("a step that fails", () => {
  test("in its check has touched nothing", () => {
    place.apply(service("15s"));
    const { code, stderr } = place.apply(service("never"), 2);
    expect(code).toBe(1);
    expect(stderr).toBe("main.conf: no interval\nservice: was refused by its check; nothing was changed.\n");
    expect(place.read("/etc/service/main.conf")).toBe("interval 15s\n");
    expect(place.read("/reloads")).toBe("interval 15s\n");
  });

  test("in its activation has put back what was there, shows the service's message, and goes through the next time", () => {
    place.apply(service("15s"));
    place.write("/broken", "");
    const { code, stderr } = place.apply(service("30s"), 2);
    expect(code).toBe(1);
    expect(stderr).toContain("reload failed: it is broken");
    expect(stderr).toContain("service: could not be activated; what was there before is put back.");
    expect(place.read("/etc/service/main.conf")).toBe("interval 15s\n");
    expect(place.observe(service("15s"))).toEqual([expect.stringMatching(/^service 1 [0-9a-f]{16} intact$/)]);

    place.delete("/broken");
    expect(place.apply(service("30s"), 2).code).toBe(0);
    expect(place.read("/reloads")).toMatch(/interval 30s\n$/);
  });

  test("the first time leaves nothing behind", () => {
    place.write("/broken", "");
    expect(place.apply(service("15s")).code).toBe(1);
    expect(place.read("/etc/service/main.conf")).toBeUndefined();
    expect(place.observe(service("15s"))).toEqual([]);
  });

  test("to arrive whole changes nothing", () => {
    const { code, stderr } = place.run(
      "apply",
      ["service"],
      "revision 1\ndigest 0\nsettle 0\nfile 640 root:root 5 /x\nhalf\n",
    );
    expect(code).toBe(1);
    expect(stderr).toBe("service: the step did not arrive whole; nothing was changed.\n");
    expect(place.read("/x")).toBeUndefined();
  });
});

describe("what an observer sees", () => {
  test("a file that somebody has edited, and it is healed", () => {
    place.apply(service("15s"));
    place.write("/etc/service/main.conf", "interval 99s\n");
    expect(place.observe(service("15s"))).toEqual([expect.stringMatching(/ changed \/etc\/service\/main\.conf$/)]);
    expect(place.apply(service("15s"), 2).code).toBe(0);
    expect(place.read("/etc/service/main.conf")).toBe("interval 15s\n");
    expect(place.observe(service("15s"))).toEqual([expect.stringMatching(/^service 2 .* intact$/)]);
  });

  test("a service that no longer runs, with its own words, and it is healed", () => {
    const step = service("15s", {
      verify: "[ ! -e ROOT/stopped ] || { echo 'it is stopped' >&2; exit 1; }",
      activate: "rm -f ROOT/stopped",
    });
    place.apply(step);
    place.write("/stopped", "");
    expect(place.observe(step)).toEqual([expect.stringMatching(/ changed it is stopped$/)]);
    expect(place.apply(step, 2).code).toBe(0);
    expect(place.observe(step)).toEqual([expect.stringMatching(/^service 2 .* intact$/)]);
  });

  test("the description that was applied: what another one asks for may not be there yet", () => {
    place.apply(service("15s"));
    const other = service("30s", { verify: "echo 'there is no such user' >&2; exit 1" });
    expect(place.observe(other)).toEqual([expect.stringMatching(/^service 1 .* edited there is no such user$/)]);
    place.delete("/reloads");
    expect(place.observe(other)).toEqual([expect.stringMatching(/ changed it was never started$/)]);
  });

  test("several steps, and nothing of one that was never applied", () => {
    const other = service("20s", { name: "other", files: [file("/etc/other.conf", "x\n")], check: "true" });
    place.apply(service("15s"));
    place.apply(other);
    const seen = place.observe(service("15s"), { ...other, name: "third" }, other);
    expect(seen.map((line) => line.split(" ")[0])).toEqual(["service", "other"]);
  });

  test("an application that was cut off, which the next one completes with an activation", () => {
    place.apply(service("15s"));
    const killed = service("30s", { activate: "kill -9 $PPID" });
    expect(place.apply(killed, 2).code).not.toBe(0);
    expect(place.observe(service("15s"))).toEqual([
      expect.stringMatching(/changed .*main\.conf \(an application was cut off\)$/),
    ]);
    expect(place.apply(service("30s"), 2).code).toBe(0);
    expect(place.read("/reloads")).toBe("interval 15s\ninterval 30s\n");
  });

  test("an application that was cut off and then fails puts back what was there before both", () => {
    place.apply(service("15s"));
    place.apply(service("30s", { activate: "kill -9 $PPID" }), 2);
    place.write("/broken", "");
    expect(place.apply(service("45s"), 2).code).toBe(1);
    expect(place.read("/etc/service/main.conf")).toBe("interval 15s\n");
  });
});

test("a step that is forgotten takes its files along, unless another revision has been applied", () => {
  place.apply(service("15s"), 2);
  expect(place.forget("service", 1).code).toBe(0);
  expect(place.read("/etc/service/main.conf")).toBe("interval 15s\n");
  expect(place.forget("service", 2).code).toBe(0);
  expect(place.read("/etc/service/main.conf")).toBeUndefined();
  expect(place.observe(service("15s"))).toEqual([]);
});

test("the digest of a step knows its secrets by name only, and every other change", () => {
  const step = service("15s");
  expect(digestOf(step)).toBe(digestOf(service("15s")));
  expect(digestOf(step)).not.toBe(digestOf(service("16s")));
  expect(digestOf(step)).not.toBe(digestOf({ ...step, activate: "true" }));
});
