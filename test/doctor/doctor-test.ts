import { resolve } from "node:path";
import { startSimulator, type Simulator } from "@proxmox-homelab/simulator";
import { test as base } from "vitest";
import { examine } from "../../src/doctor/examine.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import type { Target } from "../../src/doctor/target.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab, type HomelabPlan } from "../../src/plan/plan.ts";

/** What the shipped inventory comes to. */
export const shipped: HomelabPlan = planHomelab(loadInventory(resolve(import.meta.dirname, "../..")));

/** The part of the shipped plan that has a name. */
export function named<T extends { readonly name: string }>(parts: readonly T[], name: string): T {
  const found = parts.find((part) => part.name === name);
  if (found === undefined) throw new Error(`The plan has no ${name}.`);
  return found;
}

interface Fixtures {
  /** One for all tests of a file, as it was at first in each of them. */
  readonly simulator: Simulator;
  /** How the shipped homelab would be built there. */
  readonly target: Target;
  /** Examines the target, or one that differs. */
  readonly findings: (changes?: Partial<Target>) => Promise<readonly Finding[]>;
  /** The only finding about a subject. */
  readonly findingOn: (subject: string, changes?: Partial<Target>) => Promise<Finding>;
}

let shared: Simulator | undefined;

/** A test of what is found on a simulated cluster. */
export const test = base.extend<Fixtures>({
  simulator: [
    // eslint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures out of the pattern
    async ({}, use) => {
      shared ??= await startSimulator();
      shared.reset();
      await use(shared);
    },
    { auto: true },
  ],
  target: async ({ simulator }, use) => {
    const { url, ca, apiToken, ssh } = simulator;
    await use({
      plan: shipped,
      stack: "homelab",
      endpoint: url,
      insecure: false,
      apiToken,
      pveExporterToken: undefined,
      ca: { file: "ca.pem", pem: ca },
      ssh: {
        username: "root",
        nodes: Object.fromEntries(ssh.map(({ node, host, port }) => [node, { address: host, port }])),
        options: ["-F", "none", "-o", "UserKnownHostsFile=/dev/null"],
      },
      secrets: new Set(Object.keys(shipped.secrets)),
      managed: { vmids: new Set(), storages: new Set(), pools: new Set(), bridges: new Set() },
    });
  },
  findings: async ({ target }, use) => {
    await use(async (changes = {}) => (await examine({ ...target, ...changes })).findings);
  },
  findingOn: async ({ findings }, use) => {
    await use(async (subject, changes) => {
      const found = (await findings(changes)).filter((finding) => finding.subject === subject);
      const [only] = found;
      if (only === undefined || found.length > 1) throw new Error(`${found.length} findings are about ${subject}.`);
      return only;
    });
  },
});

/** Ends what the tests of a file have shared. */
export async function closeShared(): Promise<void> {
  await shared?.close();
  shared = undefined;
}
