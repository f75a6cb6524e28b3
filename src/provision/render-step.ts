import { createHash } from "node:crypto";
import type { FilePlan, StepPlan, TextPlan } from "../plan/steps.ts";

/** The secrets that a step's texts name, by name. */
export type SecretValues = Readonly<Record<string, string>>;

/**
 * Renders a step as apply-step.sh reads it: lines to show in a preview, contents as they are.
 * @param revision how often the step has been applied, this time included
 */
export function renderStep(step: StepPlan, revision: number, secrets: SecretValues): string {
  const { files, prepare, check, activate, verify, result, settleSeconds = 0, units = [] } = step;
  const scripts = { prepare, check, activate, verify, result };
  return [
    `revision ${revision}\n`,
    `digest ${digestOf(step)}\n`,
    `settle ${settleSeconds}\n`,
    ...(units.length === 0 ? [] : [`units ${units.join(" ")}\n`]),
    ...files.map((file) => renderFile(file, secrets)),
    ...Object.entries(scripts).map(([name, script]) => (script === undefined ? "" : renderScript(name, script))),
    "end\n",
  ].join("");
}

/** The names of the secrets in a step, sorted. */
export function secretsOf({ files }: StepPlan): string[] {
  const names = files.flatMap(({ text }) => text.flatMap((part) => (typeof part === "string" ? [] : [part.secret])));
  return [...new Set(names)].sort();
}

/** Knows a step by its content; of secrets by their names only. */
export function digestOf(step: StepPlan): string {
  return shortHash(JSON.stringify(step));
}

/** A line for each file that tells whether it has changed: `/etc/hosts 0644 root:root 5f3c…`. */
export function fileDigests({ files }: StepPlan): string[] {
  return files.map(({ path, mode, owner, text }) => `${path} ${mode} ${owner} ${shortHash(JSON.stringify(text))}`);
}

function renderFile({ path, mode, owner, text }: FilePlan, secrets: SecretValues): string {
  const content = resolveText(text, secrets);
  if (!content.endsWith("\n")) throw new Error(`${path} does not end with a newline.`);
  if (content.includes("\0")) throw new Error(`${path} is no text.`);
  // As stat shows it: without the zero.
  return `file ${mode.replace(/^0/, "")} ${owner} ${countLines(content)} ${path}\n${content}`;
}

function renderScript(name: string, script: string): string {
  const content = script.endsWith("\n") ? script : `${script}\n`;
  return `script ${name} ${countLines(content)}\n${content}`;
}

function resolveText(text: TextPlan, secrets: SecretValues): string {
  return text
    .map((part) => {
      if (typeof part === "string") return part;
      const value = Object.hasOwn(secrets, part.secret) ? secrets[part.secret] : undefined;
      if (value === undefined) throw new Error(`The secret ${part.secret} was not given.`);
      return value;
    })
    .join("");
}

function countLines(content: string): number {
  return content.split("\n").length - 1;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
