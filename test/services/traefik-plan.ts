import { resolve } from "node:path";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { Traefik } from "../../src/inventory/services/traefik.ts";
import { planHomelab } from "../../src/plan/plan.ts";
import type { FilePlan, StepPlan } from "../../src/plan/steps.ts";

const shipped = loadInventory(resolve(import.meta.dirname, "../.."));

/** The shipped homelab with settings of Traefik that tests do not share with it. */
export function homelabWith(
  internal: object = {
    certificates: {
      kind: "dnsChallenge",
      provider: "cloudflare",
      credentials: { CF_DNS_API_TOKEN: "dnsToken", CF_ZONE_API_TOKEN: "zoneToken" },
      resolvers: ["1.1.1.1"],
    },
    dashboardPasswordSecret: "dashboardPassword",
  },
): Inventory {
  const traefik = Traefik.parse({
    version: "3.7.10",
    sha256: "d".repeat(64),
    email: "admin@example.net",
    internal,
    dmz: { rate: 5, burst: 10 },
    backends: { gitlab: { certificate: "unchecked", reason: "It made its certificate itself." } },
  });
  return { ...shipped, services: { domain: "home.example.net", traefik } };
}

/** The steps by which Traefik is set up in a guest. */
export function traefikSteps(guest: string, inventory: Inventory = homelabWith()): readonly StepPlan[] {
  const steps = planHomelab(inventory).steps.find((placed) => placed.name === guest)?.steps ?? [];
  return steps.filter(({ name }) => name.startsWith(`${guest}-traefik`));
}

/** A file of those steps, its secrets as their names in angle brackets. */
export function fileOf(steps: readonly StepPlan[], path: string): FilePlan & { readonly content: string } {
  const file = steps.flatMap(({ files }) => files).find((other) => other.path === path);
  if (file === undefined) throw new Error(`No step has the file ${path}.`);
  return { ...file, content: file.text.map((part) => (typeof part === "string" ? part : `<${part.secret}>`)).join("") };
}
