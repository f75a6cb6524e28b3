import { request as httpsRequest } from "node:https";
import type { Simulator } from "@proxmox-homelab/simulator";
import { describe, expect } from "vitest";
import { grafana } from "./container-requests.ts";
import { test } from "./simulator-test.ts";

type Run = (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<string>;

/** A third node, with which the others have a quorum when one fails. */
function addThirdNode(simulator: Simulator): void {
  simulator.change((state) => {
    const { "pve-02": second } = state.nodes;
    if (second !== undefined) state.nodes["pve-03"] = { ...second, name: "pve-03", id: 3, address: "10.10.0.13" };
  });
}

async function createContainers(run: Run): Promise<void> {
  const common = { ostemplate: grafana.ostemplate, storage: "local-zfs", start: "1" };
  expect(await run("POST", "/nodes/pve-01/lxc", { ...common, vmid: "101" })).toBe("OK");
  expect(await run("POST", "/nodes/pve-02/lxc", { ...common, vmid: "102", onboot: "1" })).toBe("OK");
  expect(await run("POST", "/nodes/pve-02/lxc", { ...common, vmid: "103" })).toBe("OK");
}

describe("a node fails", () => {
  test("GET /cluster/resources knows its guests and storages no more, GET /nodes and /cluster/status say so", async ({
    simulator,
    run,
  }) => {
    await createContainers(run);
    simulator.incidents.failNode("pve-02");
    const resources = await simulator.request<{ id: string; status: string }[]>("GET", "/cluster/resources");
    expect(resources).toContainEqual({ id: "lxc/102", type: "lxc", vmid: 102, node: "pve-02", status: "unknown" });
    expect(resources).toContainEqual(expect.objectContaining({ id: "lxc/101", status: "running", name: "CT101" }));
    expect(resources).toContainEqual({ id: "node/pve-02", type: "node", node: "pve-02", status: "offline" });
    expect(resources).toContainEqual(expect.objectContaining({ id: "storage/pve-02/local", status: "unknown" }));
    expect(resources).toContainEqual(expect.objectContaining({ id: "storage/pve-01/local", status: "available" }));
    expect(await simulator.request("GET", "/nodes")).toMatchObject([{ status: "online" }, { status: "offline" }]);
    expect(await simulator.request("GET", "/cluster/status")).toMatchObject([
      { type: "cluster", quorate: 0 },
      { name: "pve-01", online: 1, local: 1 },
      { name: "pve-02", online: 0, local: 0 },
    ]);
  });

  test.for([
    ["GET", "/nodes/pve-02/status"],
    ["GET", "/nodes/pve-02/lxc/102/config"],
    ["POST", "/nodes/pve-02/lxc/102/status/start"],
    ["GET", "/nodes/pve-02/storage/local/content"],
  ] as const)("%s %s is answered 595 by the node that would pass it on", async ([method, path], { simulator, run }) => {
    await createContainers(run);
    simulator.incidents.failNode("pve-02");
    await expect(simulator.request(method, path)).rejects.toMatchObject({ status: 595, message: "No route to host" });
  });

  test("the other node answers where the first one fails, and no one where both do", async ({ simulator }) => {
    simulator.incidents.failNode("pve-01");
    expect(await simulator.request("GET", "/cluster/status")).toMatchObject([
      { quorate: 0 },
      { name: "pve-01", online: 0, local: 0 },
      { name: "pve-02", online: 1, local: 1 },
    ]);
    await expect(simulator.request("GET", "/nodes/pve-01/status")).rejects.toMatchObject({ status: 595 });
    simulator.incidents.failNode("pve-02");
    await expect(simulator.request("GET", "/version")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await pageStatus(simulator)).toBe(200);
  });

  test("its running tasks end without a last line, and what they had locked stays locked", async ({
    simulator,
    clock,
    run,
  }) => {
    await createContainers(run);
    const upid = await simulator.request<string>("POST", "/nodes/pve-02/vzdump", { vmid: "102", storage: "local" });
    clock.advance(1.5);
    simulator.incidents.failNode("pve-02");
    simulator.incidents.bringNodeBack("pve-02");
    clock.advance(120);
    const status = await simulator.request("GET", `/nodes/pve-02/tasks/${upid}/status`);
    expect(status).toMatchObject({ status: "stopped", exitstatus: "unexpected status" });
    expect(await simulator.request("GET", "/nodes/pve-02/lxc/102/config")).toMatchObject({ lock: "backup" });
  });

  test("and comes back, with the guests that start at boot", async ({ simulator, clock, run }) => {
    await createContainers(run);
    simulator.incidents.tell("node pve-02 fails");
    simulator.incidents.tell("node pve-02 comes back");
    await expect(simulator.request("GET", "/nodes/pve-02/status")).rejects.toMatchObject({ status: 595 });
    clock.advance(120);
    expect(await simulator.request("GET", "/nodes/pve-02/status")).toMatchObject({ uptime: 60 });
    const guests = await simulator.request("GET", "/nodes/pve-02/lxc");
    expect(guests).toMatchObject([
      { vmid: 102, status: "running" },
      { vmid: 103, status: "stopped" },
    ]);
    expect(await simulator.request("POST", "/pools", { poolid: "web" })).toBeNull();
  });

  test("has to be there, and to have failed before it comes back", ({ simulator }) => {
    const { incidents } = simulator;
    expect(() => {
      incidents.failNode("pve-09");
    }).toThrow('There is no node "pve-09".');
    expect(() => {
      incidents.bringNodeBack("pve-02");
    }).toThrow('The node "pve-02" has not failed.');
  });
});

describe("without a quorum", () => {
  test.for([
    ["POST", "/nodes/pve-01/lxc", { vmid: "110", ostemplate: grafana.ostemplate }, "cluster not ready - no quorum?"],
    ["POST", "/nodes/pve-01/qemu", { vmid: "110" }, "cluster not ready - no quorum?"],
    ["POST", "/nodes/pve-01/lxc/101/clone", { newid: "110" }, "cluster not ready - no quorum?"],
    ["POST", "/nodes/pve-01/lxc/101/status/start", {}, "cluster not ready - no quorum?"],
    [
      "PUT",
      "/nodes/pve-01/lxc/101/config",
      { memory: "1024" },
      "unable to open file '/etc/pve/nodes/pve-01/lxc/101.conf.tmp.1' - Permission denied",
    ],
    [
      "PUT",
      "/nodes/pve-01/lxc/101/firewall/options",
      { enable: "1" },
      "error with cfs lock 'firewall-vm-101': no quorum!",
    ],
    [
      "POST",
      "/storage",
      { storage: "nas", type: "dir", path: "/nas" },
      "create storage failed: error with cfs lock 'file-storage_cfg': no quorum!",
    ],
    ["POST", "/pools", { poolid: "web" }, "create pool failed: error with cfs lock 'file-user_cfg': no quorum!"],
    ["POST", "/access/users", { userid: "anna@pve" }, "error with cfs lock 'file-user_cfg': no quorum!"],
    [
      "POST",
      "/cluster/backup",
      { schedule: "daily", all: "1", storage: "local" },
      "error with cfs lock 'file-jobs_cfg': no quorum!",
    ],
    ["PUT", "/cluster/options", { keyboard: "de" }, "error with cfs lock 'file-datacenter_cfg': no quorum!"],
  ] as const)("%s %s %o is refused", async ([method, path, parameters, message], { simulator, run }) => {
    await createContainers(run);
    simulator.incidents.failNode("pve-02");
    const before = simulator.state;
    await expect(simulator.request(method, path, parameters)).rejects.toMatchObject({ status: 500, message });
    expect(simulator.state).toBe(before);
  });

  test("guests go on, and can be stopped; parameters are still checked first", async ({ simulator, run }) => {
    await createContainers(run);
    simulator.incidents.failNode("pve-02");
    expect(await run("POST", "/nodes/pve-01/lxc/101/status/stop")).toBe("OK");
    await expect(simulator.request("POST", "/pools", { poolid: "web", size: "1" })).rejects.toMatchObject({
      status: 400,
    });
    await expect(simulator.request("GET", "/pools")).resolves.toEqual([]);
  });

  test("a task that has to write a configuration fails", async ({ simulator, run }) => {
    await createContainers(run);
    simulator.incidents.failNode("pve-02");
    expect(await run("POST", "/nodes/pve-01/vzdump", { vmid: "101", storage: "local" })).toBe(
      "unable to open file '/etc/pve/nodes/pve-01/lxc/101.conf.tmp.1' - Permission denied",
    );
  });

  test("a node that was shut down counts as little as one that has failed", async ({ simulator, clock }) => {
    await simulator.request("POST", "/nodes/pve-02/status", { command: "shutdown" });
    clock.advance(60);
    await expect(simulator.request("POST", "/pools", { poolid: "web" })).rejects.toMatchObject({ status: 500 });
  });

  test("two of three nodes have one", async ({ simulator }) => {
    addThirdNode(simulator);
    simulator.incidents.failNode("pve-02");
    expect(await simulator.request("GET", "/cluster/status")).toMatchObject([{ quorate: 1 }, {}, {}, {}]);
    expect(await simulator.request("POST", "/pools", { poolid: "web" })).toBeNull();
    simulator.incidents.failNode("pve-03");
    expect(await simulator.request("GET", "/cluster/ha/status/current")).toContainEqual(
      expect.objectContaining({ id: "quorum", status: "No quorum!", quorate: 0 }),
    );
  });
});

describe("a node that has failed", () => {
  test("takes no guest, and the migration's log says why", async ({ simulator, run }) => {
    addThirdNode(simulator);
    await createContainers(run);
    expect(await run("POST", "/nodes/pve-01/qemu", { vmid: "104" })).toBe("OK");
    simulator.incidents.failNode("pve-02");
    for (const [path, parameters] of [
      ["lxc/101", { restart: "1" }],
      ["qemu/104", {}],
    ] as const) {
      expect(await run("POST", `/nodes/pve-01/${path}/migrate`, { ...parameters, target: "pve-02" })).toBe(
        "migration aborted",
      );
      expect(Object.values(simulator.state.tasks).at(-1)?.log.join("\n")).toMatch(
        /ERROR: migration aborted \(duration 00:00:0\d\): Can't connect to destination address using public key/,
      );
    }
    expect(simulator.state.guests[101]).toMatchObject({ node: "pve-01", status: "running" });
  });

  test("takes no replica, and the job says why", async ({ simulator, clock, run }) => {
    addThirdNode(simulator);
    await createContainers(run);
    await simulator.request("POST", "/cluster/replication", { id: "101-0", type: "local", target: "pve-02" });
    simulator.incidents.failNode("pve-02");
    clock.advance(1800);
    const jobs = await simulator.request<{ error: string }[]>("GET", "/nodes/pve-01/replication", { guest: "101" });
    expect(jobs[0]?.error).toMatch(
      /^command '.*ssh .*HostKeyAlias=pve-02.* prepare-local-job .* failed: exit code 255$/,
    );
  });
});

describe("HA", () => {
  test("takes over what runs on a node that has failed, where a quorum is left", async ({ simulator, clock, run }) => {
    addThirdNode(simulator);
    expect(await run("POST", "/nodes/pve-02/qemu", { vmid: "104" })).toBe("OK");
    await simulator.request("POST", "/cluster/ha/resources", { sid: "vm:104", state: "started" });
    clock.advance(60);
    simulator.incidents.failNode("pve-02");
    clock.advance(100);
    expect(simulator.state.guests[104]).toMatchObject({ node: "pve-02", status: "stopped" });
    clock.advance(60);
    expect(simulator.state.guests[104]).toMatchObject({ node: "pve-01", status: "running" });
  });

  test("leaves all as it is without one", async ({ simulator, clock, run }) => {
    expect(await run("POST", "/nodes/pve-02/qemu", { vmid: "104" })).toBe("OK");
    await simulator.request("POST", "/cluster/ha/resources", { sid: "vm:104", state: "started" });
    clock.advance(60);
    simulator.incidents.failNode("pve-02");
    clock.advance(600);
    expect(simulator.state.guests[104]).toMatchObject({ node: "pve-02", status: "stopped" });
  });
});

function pageStatus({ url, ca }: Simulator): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpsRequest(url, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}
