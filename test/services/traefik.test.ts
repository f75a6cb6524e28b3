import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findProgram } from "../../scripts/find-program.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import { runProgram } from "./run-program.ts";
import { fileOf, homelabWith, traefikSteps } from "./traefik-plan.ts";

const internal = traefikSteps("traefik-internal-01");
const dmz = traefikSteps("traefik-dmz");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "traefik-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("a Traefik of our own networks", () => {
  test("is set up in steps, the routes last", () => {
    expect(
      internal.map(({ name, files }) => [name, ...files.map(({ path, mode, owner }) => `${path} ${mode} ${owner}`)]),
    ).toEqual([
      [
        "traefik-internal-01-traefik-packages",
        "/etc/apt/preferences.d/traefik-internal-01-traefik-packages.pref 0644 root:root",
      ],
      ["traefik-internal-01-traefik-release"],
      ["traefik-internal-01-traefik-dashboard", "/etc/traefik/dashboard-password 0600 root:root"],
      [
        "traefik-internal-01-traefik",
        "/etc/traefik/traefik.yml 0644 root:root",
        "/etc/traefik/credentials.env 0600 root:root",
        "/etc/systemd/system/traefik.service 0644 root:root",
      ],
      ["traefik-internal-01-traefik-routes", "/etc/traefik/dynamic.yml 0644 root:root"],
    ]);
  });

  test("leads to every service of our own networks, and to none of the DMZ or of Kubernetes", () => {
    const { http } = parse(fileOf(internal, "/etc/traefik/dynamic.yml").content) as {
      http: {
        routers: Record<string, { rule: string }>;
        services: Record<string, unknown>;
        serversTransports: unknown;
      };
    };
    expect(http.serversTransports).toEqual({
      gitlab: { serverName: "gitlab.home.example.net", insecureSkipVerify: true },
    });
    expect(Object.entries(http.routers).map(([name, { rule }]) => [name, rule])).toEqual([
      ["gitlab", "Host(`gitlab.home.example.net`)"],
      ["grafana", "Host(`grafana.home.example.net`)"],
      ["influxdb", "Host(`influxdb.home.example.net`)"],
      ["prometheus", "Host(`prometheus.home.example.net`)"],
      [
        "traefik_dashboard",
        "Host(`traefik-internal-01.home.example.net`) || Host(`traefik-internal-02.home.example.net`)",
      ],
      ["traefik_revision", expect.stringMatching(/^Path\(`\/revision\/[0-9a-f]{16}`\)$/)],
    ]);
    expect(http.services["grafana"]).toEqual({ loadBalancer: { servers: [{ url: "http://10.20.0.10:3000" }] } });
    expect(http.services["gitlab"]).toEqual({
      loadBalancer: { servers: [{ url: "https://10.20.0.30:443" }], serversTransport: "gitlab" },
    });
  });

  test("has the same files as its replica", () => {
    const other = traefikSteps("traefik-internal-02");
    for (const path of ["traefik.yml", "dynamic.yml", "credentials.env", "dashboard-password"]) {
      expect(fileOf(other, `/etc/traefik/${path}`)).toEqual(fileOf(internal, `/etc/traefik/${path}`));
    }
  });

  test("keeps its credentials in files of root, and in nothing else", () => {
    expect(fileOf(internal, "/etc/traefik/credentials.env").content).toBe(
      "CF_DNS_API_TOKEN='<dnsToken>'\nCF_ZONE_API_TOKEN='<zoneToken>'\n",
    );
    expect(fileOf(internal, "/etc/traefik/dashboard-password").content).toBe("<dashboardPassword>\n");
  });

  test("gets one certificate for all names", () => {
    expect(parse(fileOf(internal, "/etc/traefik/traefik.yml").content)).toMatchObject({
      entryPoints: {
        websecure: { http: { tls: { certResolver: "acme", domains: [{ main: "*.home.example.net" }] } } },
      },
      certificatesResolvers: {
        acme: {
          acme: {
            storage: "/var/lib/traefik/acme.json",
            dnsChallenge: { provider: "cloudflare", resolvers: ["1.1.1.1:53"] },
          },
        },
      },
    });
  });

  test("balances between replicas, by the name that they have together", () => {
    const inventory = homelabWith();
    const { grafana } = inventory.containers;
    if (grafana === undefined) throw new Error("The shipped inventory has no grafana.");
    const replica = (address: string) => ({ ...grafana, replicaOf: "charts", address });
    const containers = {
      ...inventory.containers,
      "charts-02": replica("10.20.0.51"),
      "charts-01": replica("10.20.0.50"),
    };
    const dynamic = fileOf(
      traefikSteps("traefik-internal-01", { ...inventory, containers }),
      "/etc/traefik/dynamic.yml",
    ).content;
    expect(parse(dynamic)).toMatchObject({
      http: {
        routers: { charts: { rule: "Host(`charts.home.example.net`)", service: "charts" } },
        services: {
          charts: {
            loadBalancer: { servers: [{ url: "http://10.20.0.50:3000" }, { url: "http://10.20.0.51:3000" }] },
          },
        },
      },
    });
  });
});

describe("a Traefik in the DMZ", () => {
  test("leads to its backends and nowhere else, and has neither API nor dashboard", () => {
    const dynamic = parse(fileOf(dmz, "/etc/traefik/dynamic.yml").content) as {
      http: { routers: Record<string, unknown>; services: Record<string, unknown> };
    };
    expect(Object.keys(dynamic.http.services)).toEqual(["gitlab"]);
    expect(Object.keys(dynamic.http.routers)).toEqual(["gitlab", "traefik_redirect", "traefik_revision"]);
    const text = JSON.stringify(dmz);
    expect(text).not.toContain("api@internal");
    expect(parse(fileOf(dmz, "/etc/traefik/traefik.yml").content)).not.toHaveProperty("api");
  });

  test("knows no secret, and nothing of those in our own networks but its backends", () => {
    const text = JSON.stringify(dmz);
    for (const word of ["secret", "credentials", "cloudflare", "grafana", "10.20.0.1"])
      expect(text).not.toContain(word);
  });

  test("limits what one address may send", () => {
    expect(parse(fileOf(dmz, "/etc/traefik/dynamic.yml").content)).toMatchObject({
      http: {
        middlewares: {
          rate: { rateLimit: { average: 5, burst: 10, sourceCriterion: { ipStrategy: { ipv6Subnet: 64 } } } },
          parallel: { inFlightReq: { amount: 64 } },
        },
      },
      tls: { options: { default: { minVersion: "VersionTLS12", sniStrict: true } } },
    });
  });

  test("does not listen on port 80 where that is not published", () => {
    const inventory = homelabWith();
    const { "traefik-dmz": proxy } = inventory.machines;
    if (proxy?.firewall === undefined) throw new Error("The shipped inventory has no traefik-dmz.");
    const machines = {
      ...inventory.machines,
      "traefik-dmz": { ...proxy, firewall: { ...proxy.firewall, publish: [443] } },
    };
    const steps = traefikSteps("traefik-dmz", { ...inventory, machines });
    expect(parse(fileOf(steps, "/etc/traefik/traefik.yml").content)).not.toHaveProperty("entryPoints.web");
    expect(fileOf(steps, "/etc/traefik/dynamic.yml").content).not.toContain("traefik_redirect");
  });
});

test("what changes is one step: an upgrade, a route, a password", () => {
  const changed = (inventory: Inventory) =>
    traefikSteps("traefik-internal-01", inventory).filter(
      (step, index) => JSON.stringify(step) !== JSON.stringify(internal[index]),
    );
  const inventory = homelabWith();
  const { grafana } = inventory.containers;
  if (grafana === undefined) throw new Error("The shipped inventory has no grafana.");
  const route = { ...grafana, service: { protocol: "http" as const, port: 3001 } };
  expect(
    changed({ ...inventory, containers: { ...inventory.containers, grafana: route } }).map(({ name }) => name),
  ).toEqual(["traefik-internal-01-traefik-routes"]);
});

test("a browser finds services by their names", () => {
  expect(planHomelab(homelabWith()).outputs.urls).toMatchObject({
    grafana: "https://grafana.home.example.net/",
    gitlab: "https://gitlab.home.example.net/",
    "traefik-internal-01": "https://traefik-internal-01.home.example.net/",
    "talos-control-01": "https://10.40.0.11:6443/",
  });
  expect(planHomelab(homelabWith()).outputs.urls).not.toHaveProperty("traefik-dmz");
});

const unskilled = findProgram("systemd-analyze") === undefined ? "systemd-analyze is not on PATH" : "";

test.skipIf(unskilled !== "")(`the unit is one that systemd takes ${unskilled}`, () => {
  for (const steps of [internal, dmz]) {
    const unit = join(folder, "traefik.service");
    // The program is not there: what is asked is whether systemd understands the rest.
    const text = fileOf(steps, "/etc/systemd/system/traefik.service").content;
    writeFileSync(unit, text.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
    expect(runProgram("systemd-analyze", ["verify", "--man=no", unit])).toEqual({ code: 0, out: "", err: "" });
  }
});

const noShellcheck = findProgram("shellcheck") === undefined ? "shellcheck is not on PATH" : "";

test.skipIf(noShellcheck !== "")(`the scripts have nothing that shellcheck complains of ${noShellcheck}`, () => {
  const scripts = [...internal, ...dmz].flatMap(({ check, activate, verify }) => [check, activate, verify]);
  for (const script of scripts.filter((text) => text !== undefined)) {
    const input = `#!/bin/sh\nset -eu\n: "\${STAGED:=/staged}"\n${script}\n`;
    expect(runProgram("shellcheck", ["-s", "sh", "-"], { input })).toEqual({ code: 0, out: "", err: "" });
  }
});
