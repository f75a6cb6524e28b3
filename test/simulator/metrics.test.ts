import { describe, expect } from "vitest";
import { test } from "./simulator-test.ts";

const servers = "/cluster/metrics/server";
const influx = {
  type: "influxdb",
  server: "influx.home.arpa",
  port: "8086",
  influxdbproto: "https",
  organization: "homelab",
  bucket: "pve",
  token: "secret-token",
};

describe("servers", () => {
  test("POST, GET and DELETE …/server/{id} never tell the token", async ({ simulator }) => {
    const { request } = simulator;
    await request("POST", `${servers}/influx`, influx);
    expect(await request("GET", `${servers}/influx`)).toEqual({
      type: "influxdb",
      server: "influx.home.arpa",
      port: 8086,
      influxdbproto: "https",
      organization: "homelab",
      bucket: "pve",
    });
    expect(await request("GET", servers)).toEqual([
      { id: "influx", type: "influxdb", server: "influx.home.arpa", port: 8086, disable: 0 },
    ]);
    expect(simulator.state.secrets).toEqual({ metricServers: { influx: { token: "secret-token" } } });
    await request("DELETE", `${servers}/influx`);
    expect(await request("GET", servers)).toEqual([]);
    expect(simulator.state.secrets).toEqual({ metricServers: {} });
  });

  test("PUT …/server/{id} changes and deletes settings", async ({ simulator: { request } }) => {
    await request("POST", `${servers}/graphite`, { type: "graphite", server: "10.0.0.9", port: "2003", mtu: "1400" });
    await request("PUT", `${servers}/graphite`, { server: "10.0.0.9", port: "2004", disable: "1", delete: "mtu" });
    expect(await request("GET", `${servers}/graphite`)).toEqual({
      type: "graphite",
      server: "10.0.0.9",
      port: 2004,
      disable: 1,
    });
  });

  test.for([
    ["an ID in use", "graphite", { type: "graphite" }, "Metric server 'graphite' already exists"],
    ["a setting of another kind", "other", { type: "graphite", bucket: "x" }, "unexpected property 'bucket'"],
  ] as const)("POST …/server/{id} refuses %s", async ([, id, parameters, message], { simulator: { request } }) => {
    const place = { server: "10.0.0.9", port: "2003" };
    await request("POST", `${servers}/graphite`, { type: "graphite", ...place });
    await expect(request("POST", `${servers}/${id}`, { ...place, ...parameters })).rejects.toMatchObject({
      status: 500,
      message,
    });
  });

  test.for([
    [{ delete: "server" }, "unable to delete required option 'server'"],
    [{ delete: "colour" }, "no such option 'colour'"],
    [{ mtu: "1400", delete: "mtu" }, "cannot set and delete property 'mtu' at the same time!"],
    [{ digest: "0".repeat(40) }, "detected modified configuration - file changed by other user? Try again."],
  ] as const)("PUT …/server/{id} refuses %o", async ([parameters, message], { simulator: { request } }) => {
    const place = { server: "10.0.0.9", port: "2003" };
    await request("POST", `${servers}/graphite`, { type: "graphite", ...place });
    await expect(request("PUT", `${servers}/graphite`, { ...place, ...parameters })).rejects.toMatchObject({
      status: 500,
      message,
    });
  });

  test("GET and PUT …/server/{id} have different words for what is not there", async ({ simulator: { request } }) => {
    await expect(request("GET", `${servers}/none`)).rejects.toMatchObject({
      status: 500,
      message: "status server entry 'none' does not exist",
    });
    await expect(request("PUT", `${servers}/none`, { server: "10.0.0.9", port: "1" })).rejects.toMatchObject({
      status: 500,
      message: "no such server 'none'",
    });
  });
});

test("GET /cluster/metrics/export measures nodes, guests and storages", async ({
  simulator: { request },
  run,
  clock,
}) => {
  await run("POST", "/nodes/pve-01/lxc", {
    vmid: "101",
    ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
    rootfs: "local-zfs:8",
    memory: "1024",
  });
  clock.advance(3);
  const { data } = await request<{ data: { id: string; metric: string; timestamp: number; value: number }[] }>(
    "GET",
    "/cluster/metrics/export",
  );
  const find = (id: string, metric: string) => data.find((entry) => entry.id === id && entry.metric === metric);
  expect(find("lxc/101", "mem_total")).toMatchObject({ value: 2 ** 30, type: "gauge" });
  expect(find("lxc/101", "cpu_current")).toBeUndefined();
  expect(find("node/pve-02", "cpu_max")).toMatchObject({ value: 12 });
  expect(find("storage/pve-01/local-zfs", "disk_used")).toBeDefined();
  const timestamp = Number(data[0]?.timestamp);
  expect(timestamp % 10).toBe(0);
  const local = await request<{ data: { id: string }[] }>("GET", "/cluster/metrics/export", { "local-only": "1" });
  expect(local.data.filter(({ id }) => id === "node/pve-02")).toEqual([]);
  expect(await request("GET", "/cluster/metrics/export", { "start-time": String(timestamp + 10) })).toEqual({
    data: [],
  });
});
