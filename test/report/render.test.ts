import { expect, test } from "vitest";
import { Preview } from "../../src/adopt/engine-files.ts";
import { findChanges } from "../../src/report/changes.ts";
import { digestPreview } from "../../src/report/digest-preview.ts";
import { findRestarts } from "../../src/report/downtime.ts";
import { renderPreview, type PreviewReport } from "../../src/report/render-preview.ts";

const types = {
  container: "proxmoxve:index/containerLegacy:ContainerLegacy",
  machine: "proxmoxve:index/vmLegacy:VmLegacy",
  pool: "proxmoxve:node/disk/zfs:Zfs",
  step: "command:remote:Command",
} as const;

/** A step of a preview, in which each path that is given changes from one value to the other. */
function step(
  op: string,
  kind: keyof typeof types,
  name: string,
  paths: Readonly<Record<string, readonly [was: unknown, is: unknown]>> = {},
  replaceReasons: string[] = [],
) {
  const side = (index: 0 | 1) =>
    Object.fromEntries(
      Object.entries(paths).map(([path, values]) => {
        const [first = "", ...rest] = path.split(".");
        return [first, rest.reduceRight<unknown>((inner, key) => ({ [key]: inner }), values[index])];
      }),
    );
  return {
    op,
    urn: `urn:pulumi:homelab::homelab::homelab:index:Homelab$${types[kind]}::${name}`,
    oldState: { inputs: side(0), outputs: side(0) },
    newState: { inputs: side(1) },
    detailedDiff: Object.fromEntries(Object.keys(paths).map((path) => [path, { kind: "update" }])),
    replaceReasons,
  };
}

function report(steps: readonly unknown[], rest: Partial<PreviewReport> = {}): string {
  const changes = findChanges(Preview.parse({ steps }));
  return renderPreview({
    stack: "homelab",
    changes,
    restarts: findRestarts(changes),
    losses: [],
    works: [],
    waivers: [],
    warnings: [],
    errors: [],
    ...rest,
  });
}

test("what Proxmox VE does first, with its cost and its commands", () => {
  const command = "pct resize 20011 mp0 96G";
  const works = [
    { guest: "prometheus", urn: "urn", cost: "without a restart", commands: [{ node: "pve-01", command }], needs: [] },
    {
      guest: "grafana",
      urn: "urn",
      cost: "with a restart",
      commands: [{ node: "pve-02", command: "true" }],
      needs: [],
    },
  ];
  const text = report([], { works });
  expect(text).toContain("## Preview of homelab: 2 guests change on their nodes first\n");
  expect(text).toContain(
    "### Done by Proxmox VE first\n\n**prometheus**, without a restart:\n\n```text\non pve-01: pct resize 20011 mp0 96G\n```\n\n**grafana**",
  );
});

test("the whole of a report", () => {
  const text = report(
    [
      step("update", "container", "grafana", { "memory.dedicated": [1024, 2048] }),
      step("same", "container", "influxdb"),
      step("replace", "machine", "gitlab", { vmId: [20030, 20031] }, ["vmId"]),
      step("create-replacement", "machine", "gitlab"),
      step("delete", "container", "old"),
      step("create", "step", "grafana-packages"),
      step("update", "step", "grafana-files", { stdin: ["a\nb\nc\nd\n", "a\nb\nC\nd\n"] }),
    ],
    { waivers: ["The rule memory is waived for machines.gitlab: it is <b>big</b>."], warnings: ["It is known."] },
  );
  expect(text).toMatchInlineSnapshot(`
    "<!-- homelab preview of homelab -->

    ## Preview of homelab: 5 resources change

    - **The machine gitlab is replaced for \`vmId\`: what is in it is lost.**
    - **The container old is deleted: what is in it is lost.**

    | | create | update | replace | delete |
    | :- | -: | -: | -: | -: |
    | container |  | 1 |  | 1 |
    | machine |  |  | 1 |  |
    | step | 1 | 1 |  |  |
    | **all** | 1 | 2 | 1 | 1 |

    ### Guests that restart

    - the container **grafana**, for \`memory.dedicated\`

    ### Waivers in force

    - The rule memory is waived for machines.gitlab: it is &lt;b&gt;big&lt;/b&gt;.

    ### Warnings

    - It is known.

    ### Changes

    - create step <b>grafana-packages</b>

    <details><summary>update container <b>grafana</b>: <code>memory.dedicated</code></summary>

    \`\`\`diff
    # memory.dedicated (containers.grafana.memory in config/homelab/containers.yaml)
    -1024
    +2048
    \`\`\`

    </details>

    <details><summary>update step <b>grafana-files</b>: <code>stdin</code></summary>

    \`\`\`diff
    # stdin
     …
     b
    -c
    +C
     d
    \`\`\`

    </details>

    <details><summary>replace machine <b>gitlab</b>: <code>vmId</code></summary>

    \`\`\`diff
    # vmId, which replaces it (machines.gitlab.vmid in config/homelab/machines.yaml)
    -20030
    +20031
    \`\`\`

    </details>

    - delete container <b>old</b>
    "
  `);
});

test.each([
  ["container", "cpu.cores", false],
  ["container", "memory.dedicated", true],
  ["container", "disk.size", false],
  ["container", "networkInterfaces[0].vlanId", true],
  ["container", "description", false],
  ["container", "timeoutCreate", false],
  ["machine", "cpu.cores", true],
  ["machine", "memory.dedicated", true],
  ["machine", "disks[0].size", false],
  ["machine", "disks[0].datastoreId", true],
  ["machine", "networkDevices[0].vlanId", false],
  ["machine", "agent.timeout", true],
  ["machine", "nameserver", true],
  ["step", "stdin", false],
] as const)("whether a %s restarts for %s: %s", (kind, path, restarts) => {
  const changes = findChanges(Preview.parse({ steps: [step("update", kind, "x", { [path]: [1, 2] })] }));
  expect(findRestarts(changes).map(({ properties }) => properties)).toEqual(restarts ? [[path]] : []);
});

test("a secret is not shown, whichever side has it", () => {
  const text = report([
    step("update", "step", "a", { stdin: ["[secret]", "[secret]"] }),
    step("update", "step", "b", { stdin: ["plain-before", "[secret]"] }),
    step("update", "step", "c", {
      connection: [
        { password: "[secret]", host: "h" },
        { password: "", host: "h" },
      ],
    }),
  ]);
  expect(text.match(/^! secret, not shown$/gm)).toHaveLength(3);
  expect(text).not.toContain("plain-before");
});

test("of a step that is applied again, how often it was is left out", () => {
  const text = report([
    step("replace", "step", "x", {
      delete: ["forget 1", "forget 2"],
      triggers: ["revision 1", "revision 2"],
      stdin: ["a", "b"],
    }),
  ]);
  expect(text).toContain("<summary>replace step <b>x</b>: <code>stdin</code></summary>");
  expect(text).not.toMatch(/revision|forget/);
});

test("a path stands in the summary as it is", () => {
  expect(report([step("update", "machine", "x", { "disks[0].size": [1, 2] })])).toContain("<code>disks[0].size</code>");
});

test("no text breaks out of its block", () => {
  const text = report([step("update", "container", "x", { description: ["a", "```\n# <b>@all</b>\n````"] })]);
  expect(text).toContain("`````diff\n");
});

test("what does not fit into a comment is counted, and the top stays whole", () => {
  const steps = Array.from({ length: 40 }, (_, index) =>
    step("update", "container", `c${index}`, { description: ["x".repeat(3000), "y"] }),
  );
  const text = report([...steps, step("delete", "pool", "fast")]);
  expect(text.length).toBeLessThan(65_536);
  expect(text).toMatch(/\d+ more changes have no room here/);
  expect(text).toContain("**The pool fast is deleted: what is in it is lost.**");
});

test("a sentence calls nobody, and links to nothing", () => {
  expect(report([], { warnings: ["@root and #1 of [a](b)"] })).toContain(
    String.raw`- @${"\u200b"}root and #${"\u200b"}1 of \[a\](b)`,
  );
});

test("a preview with nothing to do, and one that fails", () => {
  expect(report([step("same", "container", "x")])).toBe(
    "<!-- homelab preview of homelab -->\n\n## Preview of homelab: nothing to do\n",
  );
  expect(report([], { errors: ["containers.yaml:3 is wrong."] })).toContain(
    "## Preview of homelab: it fails\n\n```text\ncontainers.yaml:3 is wrong.\n```",
  );
});

test("a digest is the same for the same changes in any order, and another for any other", () => {
  const [a, b] = [step("update", "container", "a", { tags: [1, 2] }), step("create", "step", "b")];
  const digest = (...steps: unknown[]) => digestPreview(Preview.parse({ steps }));
  expect(digest(a, b, step("same", "pool", "p"))).toBe(digest(b, a));
  expect(digest(a)).not.toBe(digest(a, b));
  expect(digest(a)).not.toBe(digest({ ...a, op: "replace" }));
  expect(digest(a)).not.toBe(digest(step("update", "container", "a", { tags: [1, 3] })));
  // Had the state changed in the meantime, the same end would be reached from elsewhere.
  expect(digest(a)).not.toBe(digest(step("update", "container", "a", { tags: [0, 2] })));
});
