import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Homelab } from "../../src/components/homelab.ts";
import { loadInventory } from "../../src/inventory/load.ts";
import { planHomelab, type HomelabPlan } from "../../src/plan/plan.ts";
import type { Observations } from "../../src/provision/observe-steps.ts";

/** What the engine is told of one resource. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  /** `Class name`, of the parent. */
  readonly parent: string;
  readonly inputs: Record<string, unknown>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
  /** `Class name`, of each resource that it waits for. */
  readonly dependsOn: readonly string[];
}

/** What a stack tells once all is registered, and how. */
export interface Built {
  readonly plan: HomelabPlan;
  readonly guests: Record<string, unknown>;
  readonly registrations: readonly Registration[];
}

/** Builds the shipped homelab with an engine that only takes notes. */
export async function registerShippedHomelab(): Promise<Built> {
  const inputs = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs: given, id }) => {
      inputs.set(`${type} ${name}`, given as Record<string, unknown>);
      return { id: id ?? `${name}-id`, state: given as Record<string, unknown> };
    },
    call: ({ token }) => {
      throw new Error(`Nobody expected a call of ${token}.`);
    },
  });
  const notes: Omit<Registration, "inputs">[] = [];
  const resources: pulumi.Resource[] = [];
  const take: pulumi.ResourceTransformation = ({ resource, type, name, opts }) => {
    resources.push(resource);
    notes.push({ type, name, ...noteOf(opts) });
    return undefined;
  };
  const plan = planHomelab(loadInventory(resolve(import.meta.dirname, "../..")));
  const observed: Observations = new Map(plan.steps.map(({ name }) => [name, { kind: "seen", steps: new Map() }]));
  const history = { applied: new Map<string, number>(), replaced: new Set<string>() };
  const homelab = new Homelab(
    "homelab",
    { plan, settings: { ...settings, secrets: secretsFor(plan) }, observed, history, renames: [], pending: new Set() },
    { transformations: [take] },
  );
  const guests = await promiseOf(pulumi.output(homelab.guests));
  await Promise.all(resources.map(({ urn }) => promiseOf(urn)));
  const registrations = notes.map((note) => ({ ...note, inputs: inputs.get(`${note.type} ${note.name}`) ?? {} }));
  return { plan, guests, registrations };
}

/** The settings that stand for a stack's. */
const settings = {
  endpoint: "https://127.0.0.1:8006/",
  apiToken: pulumi.secret("root@pam!test=secret"),
  insecure: false,
  caFile: undefined,
  ssh: {
    username: "root",
    agent: false,
    privateKey: pulumi.secret("the key"),
    nodes: ["pve-01", "pve-02"].map((name) => ({ name, address: "127.0.0.1", port: 22, hostKey: undefined })),
  },
};

/** One for each that the plan asks for. */
function secretsFor({ secrets }: HomelabPlan): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, pulumi.secret(`the ${name}`)]));
}

function noteOf(options: pulumi.CustomResourceOptions) {
  const { parent, protect = false, retainOnDelete = false, ignoreChanges = [], dependsOn = [] } = options;
  return {
    parent: parent === undefined ? "" : nameOf(parent),
    protect,
    retainOnDelete,
    ignoreChanges,
    dependsOn: (dependsOn as pulumi.Resource[]).map(nameOf).sort(),
  };
}

function nameOf(resource: pulumi.Resource): string {
  const { __name: name } = resource as pulumi.Resource & { __name: string };
  return `${resource.constructor.name} ${name}`;
}

function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolvePromise) => output.apply(resolvePromise));
}
