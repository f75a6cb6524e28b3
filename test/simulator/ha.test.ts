import { describe, expect } from "vitest";
import type { Simulator } from "@proxmox-homelab/simulator";
import { findProblems } from "../../simulator/src/ha/rules.ts";
import { test } from "./simulator-test.ts";

type Run = (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<string>;

const resources = "/cluster/ha/resources";
const rules = "/cluster/ha/rules";
const digest: unknown = expect.stringMatching(/^[0-9a-f]{40}$/);

async function createContainers(run: Run, ...vmids: readonly string[]): Promise<void> {
  for (const vmid of vmids) {
    const ostemplate = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
    expect(await run("POST", "/nodes/pve-01/lxc", { vmid, ostemplate, rootfs: "local-zfs:8" })).toBe("OK");
  }
}

/** Resources that are asked for to be stopped, as containers are when they are new. */
async function manage({ request }: Simulator, ...vmids: readonly string[]): Promise<void> {
  for (const vmid of vmids) await request("POST", resources, { sid: `ct:${vmid}`, state: "stopped" });
}

function stateOf({ request }: Simulator, vmid: string): Promise<unknown> {
  return request<{ vmid?: number }[]>("GET", "/cluster/resources", { type: "vm" }).then((guests) =>
    guests.find((guest) => guest.vmid === Number(vmid)),
  );
}

describe("resources", () => {
  test("POST, GET, PUT and DELETE …/resources/{sid}", async ({ simulator: { request }, run }) => {
    await createContainers(run, "101");
    await request("POST", resources, { sid: "101", state: "stopped", max_restart: "3", comment: "important" });
    const resource = { sid: "ct:101", type: "ct", state: "stopped", max_restart: 3, comment: "important", digest };
    expect(await request("GET", `${resources}/ct:101`)).toEqual(resource);
    expect(await request("GET", resources, { type: "ct" })).toEqual([resource]);
    expect(await request("GET", resources, { type: "vm" })).toEqual([]);
    await request("PUT", `${resources}/101`, { delete: "comment", max_restart: "2" });
    expect(await request("GET", `${resources}/ct:101`)).toEqual({
      sid: "ct:101",
      type: "ct",
      state: "stopped",
      max_restart: 2,
      digest,
    });
    await request("DELETE", `${resources}/ct:101`);
    expect(await request("GET", resources)).toEqual([]);
  });

  test.for([
    [{ sid: "ct:102" }, "resource 'ct:102' does not exist in cluster"],
    [{ sid: "vm:101" }, "resource 'vm:101' - guest with ID 101 is not a VM"],
    [{ sid: "ct:101", type: "vm" }, "types does not match"],
    [{ sid: "ct:101", group: "all" }, "invalid parameter 'group': ha groups have been migrated to rules"],
    [{ sid: "ct:101" }, "create resource failed: resource ID 'ct:101' already defined"],
  ] as const)("POST …/resources refuses %o", async ([parameters, message], { simulator, run }) => {
    await createContainers(run, "101");
    await manage(simulator, "101");
    await expect(simulator.request("POST", resources, parameters)).rejects.toMatchObject({ status: 500, message });
  });

  test("GET, PUT and DELETE have different words for what is not there", async ({ simulator: { request } }) => {
    await expect(request("GET", `${resources}/ct:101`)).rejects.toMatchObject({
      status: 500,
      message: "no such resource 'ct:101'",
    });
    await expect(request("PUT", `${resources}/ct:101`, { state: "started" })).rejects.toMatchObject({
      message: "update resource failed: no such resource 'ct:101'",
    });
    await expect(request("DELETE", `${resources}/ct:101`)).rejects.toMatchObject({
      message: "cannot delete service 'ct:101', not HA managed!",
    });
  });

  test("groups are no more", async ({ simulator: { request } }) => {
    await expect(request("GET", "/cluster/ha/groups")).rejects.toMatchObject({
      status: 500,
      message: "cannot index groups: ha groups have been migrated to rules",
    });
    await expect(request("POST", "/cluster/ha/groups", { group: "all", nodes: "pve-01" })).rejects.toMatchObject({
      message: "cannot create group: ha groups have been migrated to rules",
    });
  });
});

describe("the manager", () => {
  test("starts and stops guests as they are asked for", async ({ simulator, run, clock }) => {
    await createContainers(run, "101");
    await simulator.request("POST", resources, { sid: "ct:101" });
    expect(await stateOf(simulator, "101")).toMatchObject({ status: "stopped", hastate: "started" });
    clock.advance(60);
    expect(await stateOf(simulator, "101")).toMatchObject({ status: "running", hastate: "started" });
    await simulator.request("PUT", `${resources}/ct:101`, { state: "stopped" });
    expect(await stateOf(simulator, "101")).toMatchObject({ status: "running", hastate: "request_stop" });
    clock.advance(60);
    expect(await stateOf(simulator, "101")).toMatchObject({ status: "stopped", hastate: "stopped" });
  });

  test("leaves alone what it is to ignore", async ({ simulator, run, clock }) => {
    await createContainers(run, "101");
    await simulator.request("POST", resources, { sid: "ct:101", state: "ignored" });
    clock.advance(60);
    expect(await stateOf(simulator, "101")).toMatchObject({ status: "stopped", hastate: "ignored" });
  });

  test.for(["migrate", "relocate"])(
    "moves a guest with POST …/resources/{sid}/%s",
    async (action, { simulator, run, clock }) => {
      await createContainers(run, "101");
      await simulator.request("POST", resources, { sid: "ct:101" });
      clock.advance(60);
      expect(await simulator.request("POST", `${resources}/ct:101/${action}`, { node: "pve-02" })).toEqual({
        sid: "ct:101",
        "requested-node": "pve-02",
      });
      expect(await stateOf(simulator, "101")).toMatchObject({ node: "pve-01", status: "running" });
      clock.advance(600);
      expect(await stateOf(simulator, "101")).toMatchObject({ node: "pve-02", status: "running" });
    },
  );

  test("POST …/migrate refuses a guest that HA does not manage", async ({ simulator: { request }, run }) => {
    await createContainers(run, "101");
    await expect(request("POST", `${resources}/ct:101/migrate`, { node: "pve-02" })).rejects.toMatchObject({
      status: 500,
      message: "resource 'ct:101' is not HA managed",
    });
  });

  test("GET …/status/current and …/manager_status", async ({ simulator, run, clock }) => {
    const idle = await simulator.request<{ id: string; status: string }[]>("GET", "/cluster/ha/status/current");
    expect(idle.map(({ id }) => id)).toEqual(["quorum", "lrm:pve-01", "lrm:pve-02"]);
    expect(idle[1]?.status).toMatch(/^pve-01 \(idle, Thu Jan {2}1 \d\d:\d\d:\d\d 2026\)$/);
    await createContainers(run, "101");
    await simulator.request("POST", resources, { sid: "ct:101" });
    const find = async () => {
      const entries = await simulator.request<{ id: string }[]>("GET", "/cluster/ha/status/current");
      return entries.find(({ id }) => id === "service:ct:101");
    };
    expect(await find()).toMatchObject({ state: "starting", crm_state: "started", request_state: "started" });
    clock.advance(60);
    expect(await find()).toMatchObject({
      type: "service",
      sid: "ct:101",
      node: "pve-01",
      status: "ct:101 (pve-01, started)",
      max_restart: 1,
    });
    expect(await simulator.request("GET", "/cluster/ha/status/manager_status")).toMatchObject({
      manager_status: { master_node: "pve-01", service_status: { "ct:101": { node: "pve-01", state: "started" } } },
      lrm_status: { "pve-01": { state: "active" }, "pve-02": { state: "wait_for_agent_lock" } },
    });
  });
});

describe("rules", () => {
  const affinity = { rule: "home", type: "node-affinity", resources: "ct:102,ct:101", nodes: "pve-02,pve-01:2" };
  const apart = { rule: "apart", type: "resource-affinity", affinity: "negative", resources: "ct:101,ct:102" };

  test("POST, GET, PUT and DELETE …/rules/{rule}", async ({ simulator, run }) => {
    const { request } = simulator;
    await createContainers(run, "101", "102");
    await manage(simulator, "101", "102");
    await request("POST", rules, { ...affinity, strict: "1" });
    expect(await request("GET", `${rules}/home`)).toEqual({
      rule: "home",
      type: "node-affinity",
      resources: "ct:101,ct:102",
      nodes: "pve-01:2,pve-02",
      strict: 1,
      order: 1,
      digest,
    });
    await request("PUT", `${rules}/home`, { type: "node-affinity", resources: "ct:101", delete: "strict" });
    expect(await request("GET", rules, { resource: "ct:102" })).toEqual([]);
    expect(await request("GET", rules, { type: "node-affinity" })).toMatchObject([{ resources: "ct:101" }]);
    await request("DELETE", `${rules}/home`);
    await expect(request("GET", `${rules}/home`)).rejects.toMatchObject({
      status: 500,
      message: "no such ha rule 'home'",
    });
  });

  test.for([
    [{ ...affinity, resources: "ct:103" }, "cannot use unmanaged resource(s) ct:103."],
    [{ ...affinity, nodes: "pve-03" }, "cannot use non-existant node(s) pve-03."],
    [{ ...affinity, rule: "first" }, "HA rule 'first' already defined"],
    [{ ...affinity, resources: "ct:101" }, "400 Rule 'home' is invalid."],
    [{ ...apart, resources: "ct:101" }, "400 Rule 'apart' is invalid."],
    [{ rule: "x1", type: "node-affinity", resources: "ct:101" }, "missing value for required option 'nodes'"],
  ] as const)("POST …/rules refuses %o", async ([parameters, message], { simulator, run }) => {
    const { request } = simulator;
    await createContainers(run, "101", "102");
    await manage(simulator, "101", "102");
    await request("POST", rules, { rule: "first", type: "node-affinity", resources: "ct:101", nodes: "pve-01" });
    await expect(request("POST", rules, parameters)).rejects.toMatchObject({
      status: 500,
      message: expect.stringMatching(new RegExp(`^create ha rule failed: ${escaped(message)}(?:\n|$)`)) as string,
    });
  });

  test("keep a guest from where it must not be, and take others along", async ({ simulator, run, clock }) => {
    const { request } = simulator;
    await createContainers(run, "101", "102", "103");
    await manage(simulator, "101", "102", "103");
    await request("POST", rules, { ...apart, affinity: "positive", rule: "together" });
    await request("POST", rules, { ...affinity, resources: "ct:103", nodes: "pve-01", strict: "1" });
    expect(await request("POST", `${resources}/ct:103/migrate`, { node: "pve-02" })).toEqual({
      sid: "ct:103",
      "requested-node": "pve-02",
      "blocking-resources": [{ sid: "ct:103", cause: "node-affinity" }],
    });
    expect(await request("POST", `${resources}/ct:101/migrate`, { node: "pve-02" })).toEqual({
      sid: "ct:101",
      "requested-node": "pve-02",
      "comigrated-resources": ["ct:102"],
    });
    clock.advance(600);
    expect([nodeOf(simulator, "101"), nodeOf(simulator, "102")]).toEqual(["pve-02", "pve-02"]);
    expect(nodeOf(simulator, "103")).toBe("pve-01");
  });

  test("lose a resource that is deleted, and end with their last", async ({ simulator, run }) => {
    const { request } = simulator;
    await createContainers(run, "101", "102");
    await manage(simulator, "101", "102");
    await request("POST", rules, affinity);
    await request("DELETE", `${resources}/ct:101`);
    expect(await request("GET", rules)).toMatchObject([{ resources: "ct:102" }]);
    await request("DELETE", `${resources}/ct:102`);
    expect(await request("GET", rules)).toEqual([]);
  });
});

describe("what is wrong with rules", () => {
  const nodes = ["pve-01", "pve-02"];
  const home = { type: "node-affinity", resources: "ct:101", nodes: "pve-01" };
  const pair = { type: "resource-affinity", resources: "ct:101,ct:102" };
  const together = { ...pair, affinity: "positive" };
  const apart = { ...pair, affinity: "negative" };

  test.for([
    ["nothing", { home, together }, {}],
    [
      "two places for one",
      { home, other: home },
      {
        home: ["resource 'ct:101' is already used in another node affinity rule"],
        other: ["resource 'ct:101' is already used in another node affinity rule"],
      },
    ],
    [
      "one alone",
      { together: { ...together, resources: "ct:101" } },
      { together: ["rule is ineffective as there are less than two resources"] },
    ],
    [
      "too many for the nodes",
      { apart: { ...apart, resources: "ct:101,ct:102,ct:103" } },
      { apart: ["rule defines more resources than available nodes"] },
    ],
    [
      "together and apart",
      { together, apart },
      {
        together: ["rule shares two or more resources with a negative resource affinity rule"],
        apart: ["rule shares two or more resources with a positive resource affinity rule"],
      },
    ],
    [
      "priorities",
      { home: { ...home, nodes: "pve-01:2,pve-02" }, together },
      {
        home: [
          "resources are in a resource affinity rule and cannot be in a node affinity rule with multiple priorities",
        ],
        together: ["resources are in node affinity rules with multiple priorities"],
      },
    ],
    [
      "places for two that belong together",
      { home, other: { ...home, resources: "ct:102" }, together },
      {
        together: ["resources are in multiple node affinity rules"],
        home: [expect.stringContaining("other resources in at least one other node affinity rule already")],
        other: [expect.stringContaining("other resources in at least one other node affinity rule already")],
      },
    ],
    [
      "one node for two that are apart",
      { home: { ...home, resources: "ct:101,ct:102" }, apart },
      {
        apart: ["two or more resources are restricted to less nodes than available to the resources"],
        home: [expect.stringContaining("would restrict these to less nodes")],
      },
    ],
    ["rules that are off", { home, other: { ...home, disable: "1" } }, {}],
  ] as const)("%s", ([, rulesOfCase, problems]) => {
    expect(findProblems(rulesOfCase, nodes)).toEqual(problems);
  });
});

function nodeOf({ state }: Simulator, vmid: string): string | undefined {
  return state.guests[vmid]?.node;
}

function escaped(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
}

describe("POST /cluster/ha/status/disarm-ha", () => {
  const freeze = { "resource-mode": "freeze" };

  test("lets HA do nothing until POST /cluster/ha/status/arm-ha", async ({ simulator, clock }) => {
    await simulator.request("POST", "/nodes/pve-01/qemu", { vmid: "900" });
    clock.advance(60);
    expect(await simulator.request("POST", "/cluster/ha/status/disarm-ha", freeze)).toBeNull();
    await simulator.request("POST", "/cluster/ha/resources", { sid: "vm:900", state: "started" });
    clock.advance(60);
    expect(simulator.state.guests[900]).toMatchObject({ status: "stopped" });
    expect(await simulator.request("GET", "/cluster/ha/status/current")).toContainEqual(
      expect.objectContaining({ type: "fencing", "armed-state": "disarmed", resource_mode: "freeze" }),
    );
    expect(await simulator.request("POST", "/cluster/ha/status/arm-ha")).toBeNull();
    clock.advance(60);
    expect(simulator.state.guests[900]).toMatchObject({ status: "running" });
    expect(await simulator.request("GET", "/cluster/ha/status/current")).toContainEqual(
      expect.objectContaining({ type: "fencing", "armed-state": "armed" }),
    );
  });

  test("with resource-mode=ignore lets clients manage guests as if HA did not", async ({ simulator, clock, run }) => {
    await simulator.request("POST", "/nodes/pve-01/qemu", { vmid: "900" });
    clock.advance(60);
    await simulator.request("POST", "/cluster/ha/resources", { sid: "vm:900", state: "stopped" });
    await simulator.request("POST", "/cluster/ha/status/disarm-ha", { "resource-mode": "ignore" });
    expect(await run("POST", "/nodes/pve-01/qemu/900/status/start")).toBe("OK");
    expect(simulator.state.guests[900]).toMatchObject({ status: "running" });
    expect(simulator.state.sections.haResources["vm:900"]).toMatchObject({ state: "stopped" });
  });

  test("asks how", async ({ simulator }) => {
    await expect(simulator.request("POST", "/cluster/ha/status/disarm-ha")).rejects.toMatchObject({
      status: 400,
      errors: { "resource-mode": "property is missing and it is not optional" },
    });
  });
});
