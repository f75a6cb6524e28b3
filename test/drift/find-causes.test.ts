import { describe, expect, test } from "vitest";
import { addCauses, causeOf, type Task } from "../../src/drift/find-causes.ts";
import type { Drift } from "../../src/drift/drift.ts";

const ourselves = "homelab@pve!homelab";
const drift = (what: string, is: unknown, kind: Drift["kind"] = "changed"): Drift => ({
  ...{ kind, what, where: "pve-01, VMID 101", was: "as it was", is },
});
const task = (type: string, starttime: number, others: Partial<Task> = {}): Task => ({
  ...{ type, user: "alice@pam", starttime, status: "OK" },
  ...others,
});

describe("who has probably done it", () => {
  test.each<[string, Drift, string]>([
    ["who has stopped what does not run", drift("machine web: started", false), "qmstop"],
    ["who has started what runs", drift("container web: started", true), "vzstart"],
    ["who has removed what is gone", drift("machine web", null, "missing"), "qmdestroy"],
    ["who has made what nobody knows", drift("container toy", "there", "unmanaged"), "vzcreate"],
    ["who has enlarged a disk", drift("machine web: disks[0].size", 60), "resize"],
    ["who has changed the settings of a machine", drift("machine web: memory.dedicated", 4096), "qmconfig"],
  ])("is %s", (_, found, type) => {
    const others = [
      "vzdump",
      "qmclone",
      "vncproxy",
      "qmstop",
      "vzstart",
      "qmdestroy",
      "vzcreate",
      "qmconfig",
      "resize",
    ];
    const log = others.map((other, index) => task(other, 1000 + index));
    const cause = causeOf(found, log, ourselves);
    expect(cause).toMatchObject({ task: type, who: "alice@pam" });
  });

  test("is the last, and never a task that failed, still runs into it, or is our own", () => {
    const log = [
      task("qmstop", 100),
      task("qmstop", 300, { tokenid: "laptop" }),
      task("qmstop", 400, { status: "got timeout" }),
      task("qmstop", 500, { user: ourselves }),
      task("qmstop", 600, { user: "homelab@pve", tokenid: "homelab" }),
      task("qmstop", 200),
    ];
    expect(causeOf(drift("machine web: started", false), log, ourselves)).toEqual({
      task: "qmstop",
      who: "alice@pam!laptop",
      since: "1970-01-01T00:05:00Z",
    });
  });

  test("is nobody where no such task is there, or the log may not be read", async () => {
    const found = drift("container web: memory.dedicated", 4096);
    expect(causeOf(found, [task("vzdump", 1)], ourselves)).toBeUndefined();
    const api = { read: () => Promise.resolve({ kind: "refused" as const, status: 403, message: "no" }) };
    expect(await addCauses([found], { node: "pve-01", vmid: 101 }, ourselves, api)).toEqual([found]);
  });
});
