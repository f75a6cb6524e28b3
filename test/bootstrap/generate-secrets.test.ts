import { resolve } from "node:path";
import { expect, test } from "vitest";
import { generateSecrets } from "../../src/bootstrap/generate-secrets.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab } from "../../src/plan/plan.ts";

const plan = planHomelab(loadInventory(resolve(import.meta.dirname, "../..")));

test("secrets that are only ours are made up, and those of others are asked for", () => {
  const { made, byHand } = generateSecrets(plan, new Set());
  expect(Object.keys(made).sort()).toEqual([
    "gitlabRootPassword",
    "grafanaAdminPassword",
    "grafanaSecretKey",
    "influxdbAdminPassword",
    "influxdbOperatorToken",
    "influxdbReaderPassword",
    "traefikDashboardPassword",
  ]);
  expect(Object.keys(byHand).sort()).toEqual([
    "cloudflareDnsToken",
    "hetznerPassword",
    "pveAuthority",
    "pveExporterToken",
  ]);
  expect(byHand["hetznerPassword"]).toBe(plan.secrets["hetznerPassword"]);
  const values = Object.values(made);
  expect(new Set(values).size).toBe(values.length);
  for (const value of values) expect(value).toMatch(/^[0-9a-f]{40}$/);
});

test("what is there is neither made again nor asked for", () => {
  const existing = new Set(["grafanaAdminPassword", "hetznerPassword"]);
  const { made, byHand } = generateSecrets(plan, existing);
  for (const name of existing) expect({ ...made, ...byHand }).not.toHaveProperty(name);
  expect(generateSecrets(plan, new Set(Object.keys(plan.secrets)))).toEqual({ made: {}, byHand: {} });
});

test("each secret that may be made up is one that the plan needs", () => {
  for (const name of plan.generatedSecrets) expect(plan.secrets).toHaveProperty(name);
});
