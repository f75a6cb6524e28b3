import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { HomelabPlan } from "../../src/plan/plan.ts";
import type { FilePlan } from "../../src/plan/steps.ts";
import { renderTopologyMermaid } from "../../src/topology/render-topology-mermaid.ts";
import { renderTopologySvg } from "../../src/topology/render-topology-svg.ts";
import { runProgram } from "../services/run-program.ts";
import { readSvg } from "../topology/read-svg.ts";

/** A text that changed with the inventory, and where it goes. */
export interface RenderedText {
  readonly path: string;
  readonly text: string;
}

/** The texts in a plan that a program reads: scripts, which get `.sh` for an ending, and files. */
export function renderedTexts({ steps, machines }: HomelabPlan): RenderedText[] {
  return [
    ...machines.flatMap((machine) =>
      machine.kind === "cloud" ? [{ path: machine.userData.fileName, text: machine.userData.text }] : [],
    ),
    ...steps.flatMap((placed) =>
      placed.steps.flatMap(({ name, files, prepare, check, activate, verify, result }) => [
        ...Object.entries({ prepare, check, activate, verify, result }).flatMap(([script, text]) =>
          text === undefined ? [] : [{ path: `${name}-${script}.sh`, text }],
        ),
        ...files.map(fileText),
      ]),
    ),
  ];
}

function fileText({ path, text }: FilePlan): RenderedText {
  const all = text.map((part) => (typeof part === "string" ? part : "secret")).join("");
  return { path: all.startsWith("#!/bin/sh\n") ? `${path}.sh` : path, text: all };
}

/** Every other text of a plan: what goes to Proxmox's API, to a terminal, or to who reads the stack. */
export function plainTexts(plan: HomelabPlan): string[] {
  const rendered = new Set(renderedTexts(plan).map(({ text }) => text));
  const all = new Set<string>();
  JSON.stringify({ ...plan, steps: [] }, (key, value: unknown) => {
    if (typeof value === "string" && !rendered.has(value)) all.add(value);
    all.add(key);
    return value;
  });
  return [...all];
}

/** What of a text that takes the value is more, or something else, than the value as data; empty where it is only that. */
export function misread({ path, text }: RenderedText, value: string | undefined): string[] {
  if ([".yaml", ".yml"].includes(extname(path))) return misreadYaml(text, value);
  if (extname(path) === ".json") return JSON.parse(text) === undefined ? ["no JSON"] : [];
  // A key is a line of its own.
  if (basename(path) === "authorized_keys" && value !== undefined && text.split("\n").includes(value)) return [];
  // What Ruby and the shell make of it is for them to say; other files are read by the line.
  if ([".rb", ".sh"].includes(extname(path)) || value === undefined || !text.includes(value)) return [];
  return isPlain(value) ? [] : [`${path} holds ${JSON.stringify(value)} without quotes`];
}

/** By YAML 1.2 and 1.1, as different programs read it, a text stays a text, and one text. */
function misreadYaml(text: string, value: string | undefined): string[] {
  return (["1.2", "1.1"] as const).flatMap((version) => {
    const document = parseDocument(text, { version, merge: false });
    if (document.errors.length > 0) return document.errors.map(({ message }) => `YAML ${version}: ${message}`);
    if (value === undefined || value === "" || !text.includes(value)) return [];
    return leavesOf(document.contents).some((leaf) => typeof leaf === "string" && leaf.includes(value))
      ? []
      : [`YAML ${version} does not read ${JSON.stringify(value)} as a text`];
  });
}

function leavesOf(node: unknown): unknown[] {
  if (isScalar(node)) return [node.value];
  if (isSeq(node)) return node.items.flatMap(leavesOf);
  return isMap(node) ? node.items.flatMap(({ key, value }) => [...leavesOf(key), ...leavesOf(value)]) : [];
}

/** Whether a text is one word, and only itself, to a shell, systemd, apt, and what else reads lines. */
export function isPlain(value: string): boolean {
  return /^[A-Za-z0-9_.@:+/=-]*$/.test(value);
}

/** The scripts that a shell cannot read, and the values that are not the same single word to it. */
export function misreadByShell(scripts: readonly string[], values: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  try {
    scripts.forEach((script, index) => {
      writeFileSync(join(folder, `${index}.sh`), script);
    });
    const syntax = `for file in ${folder}/*.sh; do [ ! -e "$file" ] || sh -n "$file" || cat "$file"; done`;
    const { out, err } = runProgram("sh", ["-c", syntax]);
    const said = values.map((value) => runProgram("sh", ["-euc", `printf '[%s]' -- ${value}`]).out);
    return [...(out + err === "" ? [] : [out + err]), ...values.filter((value, at) => said[at] !== `[--][${value}]`)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the pictures make of a plan, where that is not a picture of the same parts. */
export function misdrawn(plan: HomelabPlan, shipped: HomelabPlan): string[] {
  readSvg(renderTopologySvg(plan));
  const lines = (drawn: HomelabPlan) => renderTopologyMermaid(drawn).split("\n").length;
  return lines(plan) === lines(shipped) ? [] : ["Mermaid's flowchart has other lines"];
}
