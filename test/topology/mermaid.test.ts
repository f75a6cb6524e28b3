import fc from "fast-check";
import { expect, test } from "vitest";
import { planHomelab, type HomelabPlan } from "../../src/plan/plan.ts";
import { renderTopologyMermaid } from "../../src/topology/render-topology-mermaid.ts";
import { generatedPlan, shipped } from "./generated-plans.ts";

const plan = planHomelab(shipped);

test("every flowchart is one that Mermaid can read", () => {
  forAllPlans((mermaid) => {
    const { ids, ends } = readFlowchart(mermaid);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ends.filter((id) => !ids.includes(id))).toEqual([]);
  });
});

test("every flowchart has each guest with name and address", () => {
  forAllPlans((mermaid, { containers, machines }) => {
    for (const { name, network } of [...containers, ...machines])
      expect(mermaid).toContain(`"${name}<br/>${network.address.replace(/\/.*/, "")}<br/>`);
  });
});

test("the shipped flowchart tells what is exposed and where backups go", () => {
  const lines = renderTopologyMermaid(plan)
    .split("\n")
    .map((line) => line.trim());
  expect(lines).toEqual(
    expect.arrayContaining([
      'internet ==>|"80, 443"| guest_traefik_dmz',
      'guest_traefik_dmz -->|"443"| guest_gitlab',
      'node_pve_01 -.->|"daily 01:00"| target_nas',
      'node_pve_02 -.->|"weekly sun 08:00"| target_hetzner',
      "class network_pve_02_dmz dmz",
    ]),
  );
});

test("names that differ in a sign only have IDs of their own", () => {
  const [container] = plan.containers;
  if (container === undefined) throw new Error("The shipped inventory has no container.");
  const containers = ["a-b", "a--b"].map((name) => ({ ...container, name }));
  const mermaid = renderTopologyMermaid({ ...plan, containers });
  expect(mermaid).toContain('guest_a_b("a-b<br/>');
  expect(mermaid).toContain('guest_a_b__1("a--b<br/>');
});

test("what is written by people stays text", () => {
  const [node, ...nodes] = plan.nodes;
  if (node === undefined) throw new Error("The shipped inventory has no node.");
  const mermaid = renderTopologyMermaid({ ...plan, nodes: [{ ...node, model: 'A "B" <c> & #d;\nend' }, ...nodes] });
  expect(mermaid).toContain("A #34;B#34; #60;c#62; #38; #35;d; end");
});

test("the reader of this test finds what is wrong", () => {
  expect(() => readFlowchart("flowchart TB\n  subgraph a\n")).toThrow("1 subgraph has no end");
  expect(() => readFlowchart('flowchart TB\n  a["x"y"]\n')).toThrow("No line of Mermaid");
  expect(readFlowchart('flowchart TB\n  a["x"]\n  a --> b\n')).toEqual({ ids: ["a"], ends: ["a", "b"] });
});

function forAllPlans(check: (mermaid: string, plan: HomelabPlan) => void): void {
  check(renderTopologyMermaid(plan), plan);
  fc.assert(
    fc.property(generatedPlan, (generated) => {
      check(renderTopologyMermaid(generated), generated);
    }),
    { numRuns: 40 },
  );
}

const label = String.raw`"(?:[^"<>&|]|<br/>)*"`;
const box = String.raw`(?:\(\(${label}\)\)|\(${label}\)|\[${label}\]|\[\(${label}\)\]|\{\{${label}\}\})`;
const patterns = {
  vertex: new RegExp(String.raw`^(\w+)${box}(?::::\w+)?$`),
  subgraph: new RegExp(String.raw`^subgraph (\w+)(?:\[${label}\])?$`),
  edge: new RegExp(String.raw`^(\w+) (?:==>|-->|-\.->)(?:\|${label}\|)? (\w+)$`),
  other: /^(?:direction TB|classDef \w+ [\w:#,\- ]+|class \w+ \w+)$/,
};

/** Reads the lines that our flowcharts consist of, more strictly than Mermaid does. */
function readFlowchart(mermaid: string): { ids: string[]; ends: string[] } {
  const [head, ...lines] = mermaid.trimEnd().split("\n");
  if (head !== "flowchart TB") throw new Error("This is no flowchart.");
  const [ids, ends]: [string[], string[]] = [[], []];
  let depth = 0;
  for (const line of lines.map((each) => each.trim())) {
    const [, id] = patterns.vertex.exec(line) ?? patterns.subgraph.exec(line) ?? [];
    const [, from, to] = patterns.edge.exec(line) ?? [];
    if (id !== undefined) ids.push(id);
    else if (from !== undefined && to !== undefined) ends.push(from, to);
    else if (line !== "end" && !patterns.other.test(line)) throw new Error(`No line of Mermaid: ${line}`);
    if (line.startsWith("subgraph ")) depth++;
    if (line === "end") depth--;
    if (depth < 0) throw new Error("An end ends nothing.");
  }
  if (depth > 0) throw new Error(`${depth} subgraph has no end.`);
  return { ids, ends };
}
