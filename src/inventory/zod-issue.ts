import type { z } from "zod";
import { suggestName } from "./suggest-name.ts";
import { Inventory } from "./inventory.ts";

interface Description {
  readonly path: readonly PropertyKey[];
  readonly at: "key" | "value";
  readonly problem: string;
  readonly remedy: string;
}

/** Turns what zod found into full sentences; our own rules already carry `problem | remedy` in their message. */
export function describeZodIssue(issue: z.core.$ZodIssue): Description[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key],
      at: "key",
      problem: `There is no setting "${key}" here.`,
      remedy: suggestName(key, settingsAt(path)),
    }));
  }
  if (issue.code === "invalid_key") {
    const [inner] = issue.issues;
    return [{ path, at: "key", remedy: "Correct the name.", ...splitMessage(inner?.message ?? issue.message) }];
  }
  if (issue.code === "invalid_type" && issue.input === undefined) {
    const remedy = splitMessage(issue.message).remedy ?? `Add it: ${expectation(issue.expected)}.`;
    return [{ path, at: "key", problem: "This setting is missing.", remedy }];
  }
  return [{ path, at: "value", remedy: "Correct the value.", ...splitMessage(issue.message) }];
}

function splitMessage(message: string): { problem: string; remedy?: string } {
  const [problem = message, remedy] = message.split(" | ");
  return { problem: /[.!?]$/.test(problem) ? problem : `${problem}.`, ...(remedy === undefined ? {} : { remedy }) };
}

function expectation(expected: string): string {
  return (
    { string: "a text", int: "a whole number", number: "a number", array: "a list", object: "a block of settings" }[
      expected
    ] ?? expected
  );
}

/** Lists the settings that the schema knows at a path; names of nodes, networks and guests are free. */
function settingsAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = Inventory;
  for (const step of path) schema = shapeOf(schema)?.[String(step)] ?? valueTypeOf(schema);
  return Object.keys(shapeOf(schema) ?? {});
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return schema !== null && typeof schema === "object" && "shape" in schema
    ? (schema.shape as Record<string, unknown>)
    : undefined;
}

function valueTypeOf(schema: unknown): unknown {
  return schema !== null && typeof schema === "object" && "valueType" in schema ? schema.valueType : undefined;
}
