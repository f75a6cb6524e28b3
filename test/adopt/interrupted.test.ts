import { expect, test } from "vitest";
import type { Deployment } from "../../src/adopt/engine-files.ts";
import { pendingOperations, takeUp } from "../../src/adopt/interrupted.ts";
import { waitForTasks } from "../../src/proxmox/wait-for-tasks.ts";
import type { Reading } from "../../src/proxmox/read-api.ts";

const urn = (type: string, name: string) => `urn:pulumi:homelab::homelab::homelab:index:Homelab$${type}::${name}`;
const cifs = urn("proxmoxve:storage/cifs:Cifs", "hetzner");
const rules = urn("proxmoxve:firewall/rulesLegacy:RulesLegacy", "traefik-dmz-firewall");
const container = urn("proxmoxve:index/containerLegacy:ContainerLegacy", "grafana");
const step = urn("command:remote:Command", "grafana");
const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };

const resource = (of: string, more: object = {}) => ({ urn: of, custom: true, inputs: {}, outputs: {}, ...more });
const state = (resources: object[], operations: readonly (readonly [string, object])[]): Deployment =>
  ({
    version: 3,
    deployment: {
      manifest: {},
      resources,
      pending_operations: operations.map(([type, of]) => ({ type, resource: of })),
    },
  }) as unknown as Deployment;

test("what was created comes into the state as it was meant to be, and is looked at first", () => {
  const inputs = { __defaults: [], resourceId: "hetzner", password: secret };
  const guarded = { nodeName: "pve-02", vmId: 30010 };
  const interrupted = state(
    [resource(container)],
    [
      ["creating", resource(cifs, { inputs, parent: "p", protect: true })],
      ["creating", resource(rules, { inputs: guarded })],
    ],
  );
  expect(takeUp(interrupted, new Set([cifs, rules]))).toEqual({
    version: 3,
    deployment: {
      manifest: {},
      resources: [
        resource(container),
        {
          ...resource(cifs, { inputs, parent: "p", protect: true, id: "hetzner", refreshBeforeUpdate: true }),
          outputs: { resourceId: "hetzner", password: secret, id: "hetzner" },
        },
        {
          // What the provider makes of nodes/pve-02/qemu/30010/firewall/rules.
          ...resource(rules, { inputs: guarded, id: "rule-2634340544", refreshBeforeUpdate: true }),
          outputs: { ...guarded, id: "rule-2634340544" },
        },
      ],
      pending_operations: [],
    },
  });
});

test("what was not created is left to the next run", () => {
  const { deployment } = takeUp(state([], [["creating", resource(cifs)]]), new Set());
  expect(deployment).toMatchObject({ resources: [], pending_operations: [] });
});

test("what was deleted is looked at first, and what was changed only where a change cannot be made twice", () => {
  const before = [resource(cifs), resource(rules), resource(container), resource(step)];
  const { deployment } = takeUp(
    state(before, [
      ["updating", resource(cifs)],
      ["updating", resource(rules)],
      ["deleting", resource(container)],
      ["deleting", resource(step)],
    ]),
    new Set(),
  );
  expect(deployment.resources).toEqual([
    resource(cifs),
    { ...resource(rules), refreshBeforeUpdate: true },
    { ...resource(container), refreshBeforeUpdate: true },
    resource(step),
  ]);
});

test("what took the place of something takes its place in the state, too", () => {
  const old = resource(container, { id: "20010", pendingReplacement: true });
  const made = resource(container, { inputs: { vmId: 20011 } });
  const { deployment } = takeUp(state([old, resource(step)], [["creating", made]]), new Set([container]));
  expect(deployment.resources.map(({ urn: of, id }) => [of, id])).toEqual([
    [container, "20011"],
    [step, undefined],
  ]);
});

test("a state without anything pending has no operations", () => {
  expect(pendingOperations(state([], []))).toEqual([]);
  expect(pendingOperations({ deployment: { resources: [], pending_operations: null } })).toEqual([]);
});

test("the tasks of a token are waited for, and those of others are not", async () => {
  const task = { upid: "UPID:", node: "pve-01", type: "vzcreate", id: "20010", user: "root@pam", tokenid: "homelab" };
  const others = { ...task, tokenid: "backup" };
  const answers = [
    [task, others],
    [{ ...task, endtime: 1 }, others],
  ];
  const read = () => Promise.resolve({ kind: "read", value: answers.length > 1 ? answers.shift() : answers[0] });
  const api = { read: read as <T>() => Promise<Reading<T>> };
  const said: string[] = [];
  expect(await waitForTasks(api, "root@pam!homelab=secret", (text) => said.push(text))).toEqual([]);
  expect(said).toEqual(["What it has set off goes on; waiting for\n  vzcreate 20010 on pve-01\n"]);
  answers.unshift([task]);
  expect(await waitForTasks(api, "root@pam!homelab=secret", (text) => said.push(text), -1)).toEqual([
    "vzcreate 20010 on pve-01",
  ]);
});

test("a server that fails to tell its tasks once is asked again", async () => {
  const task = { upid: "UPID:", node: "pve-01", type: "vzcreate", id: "20010", user: "root@pam", tokenid: "homelab" };
  const answers: Reading<unknown>[] = [
    { kind: "refused", status: 596, message: "Connection refused" },
    { kind: "read", value: [task] },
    { kind: "read", value: [] },
  ];
  const read = () => Promise.resolve(answers.shift());
  const api = { read: read as <T>() => Promise<Reading<T>> };
  const said: string[] = [];
  expect(await waitForTasks(api, "root@pam!homelab=secret", (text) => said.push(text))).toEqual([]);
  expect(said).toEqual(["What it has set off goes on; waiting for\n  vzcreate 20010 on pve-01\n"]);
});
