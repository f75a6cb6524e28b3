import type { z } from "zod";
import { knownSettings } from "./schema-keys.ts";
import { suggestName } from "./suggest-name.ts";
import { showValue } from "./show-value.ts";

/** As many mistakes as somebody mends at a time. */
export const mostIssues = 100;

interface Description {
  readonly path: readonly PropertyKey[];
  readonly at: "key" | "value";
  readonly problem: string;
  readonly remedy: string;
}

const missing = "This setting is missing.";

/** Turns what zod found into full sentences; our own rules already carry `problem | remedy` in their message. */
export function describeZodIssue(issue: z.core.$ZodIssue): Description[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.slice(0, mostIssues).map((key) => ({
      path: [...path, key],
      at: "key",
      problem: `There is no setting ${showValue(key)} here.`,
      remedy: suggestName(key, knownSettings(path, issue.input)),
    }));
  }
  if (issue.code === "invalid_key") {
    const [inner] = issue.issues;
    return [{ path, at: "key", remedy: "Correct the name.", ...splitMessage(inner?.message ?? issue.message) }];
  }
  const choices = choicesOf(issue);
  if (choices !== undefined) {
    const { input, known } = choices;
    if (input === undefined)
      return [{ path, at: "key", problem: missing, remedy: `Write one of: ${known.join(", ")}.` }];
    const problem = `${showValue(input)} is not known here.`;
    const word = typeof input === "string" ? input : showValue(input);
    return [{ path, at: "value", problem, remedy: suggestName(word, known) }];
  }
  if (issue.code === "invalid_type") {
    const { remedy, problem } = splitMessage(issue.message);
    const wanted = expectation(issue.expected);
    if (issue.input === undefined)
      return [{ path, at: "key", problem: missing, remedy: remedy ?? `Add it: ${wanted}.` }];
    const wrong = remedy === undefined ? `${showValue(issue.input)} is not ${wanted}.` : problem;
    return [{ path, at: "value", problem: wrong, remedy: remedy ?? `Write ${wanted}.` }];
  }
  return [{ path, at: "value", remedy: "Correct the value.", ...splitMessage(issue.message) }];
}

function splitMessage(message: string): { problem: string; remedy?: string } {
  // The last one: what was written may have one, too.
  const at = message.lastIndexOf(" | ");
  const [problem, remedy] = at === -1 ? [message] : [message.slice(0, at), message.slice(at + 3)];
  return { problem: /[.!?]$/.test(problem) ? problem : `${problem}.`, ...(remedy === undefined ? {} : { remedy }) };
}

function expectation(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    array: "a list",
    boolean: "true or false",
    int: "a whole number",
    number: "a number",
    object: "a block of settings",
    record: "a block of entries by name",
    string: "a text",
  };
  return words[expected] ?? expected;
}

/** What may stand where one of several words is expected, and what does. */
function choicesOf(issue: z.core.$ZodIssue): { input: unknown; known: string[] } | undefined {
  if (issue.code === "invalid_value" && issue.message.startsWith("Invalid")) {
    return { input: issue.input, known: issue.values.map(String) };
  }
  const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] };
  if (issue.code !== "invalid_union" || discriminator === undefined || options === undefined) return undefined;
  return { input: (issue.input as Record<string, unknown>)[discriminator], known: options.map(String) };
}
