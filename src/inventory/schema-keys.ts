import { Inventory } from "./inventory.ts";

/** Lists the settings that the schema knows at a path; names of nodes, networks and guests are free. */
export function knownSettings(path: readonly PropertyKey[], input: unknown): string[] {
  let schemas: readonly unknown[] = [Inventory];
  for (const step of path) {
    schemas = schemas.flatMap((schema) => variantsOf(schema)).map((schema) => stepInto(schema, step));
  }
  const fitting = schemas.flatMap((schema) => variantsOf(schema)).filter((schema) => fits(schema, input));
  return [...new Set(fitting.flatMap((schema) => Object.keys(shapeOf(schema) ?? {})))];
}

/** A schema without the wrappers of its default, or each variant of a union. */
function variantsOf(schema: unknown): unknown[] {
  if (schema === null || typeof schema !== "object") return [];
  if ("options" in schema && Array.isArray(schema.options)) return schema.options.flatMap(variantsOf);
  const { def } = schema as { def?: { innerType?: unknown } };
  return def?.innerType === undefined ? [schema] : variantsOf(def.innerType);
}

function stepInto(schema: unknown, step: PropertyKey): unknown {
  const { valueType, element } = schema as { valueType?: unknown; element?: unknown };
  return shapeOf(schema)?.[String(step)] ?? valueType ?? element;
}

/** Whether a variant is the one that was meant: its fixed values are those of the input. */
function fits(schema: unknown, input: unknown): boolean {
  return Object.entries(shapeOf(schema) ?? {}).every(([key, setting]) => {
    const { value } = setting as { value?: unknown };
    return value === undefined || value === (input as Record<string, unknown> | undefined)?.[key];
  });
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  return schema !== null && typeof schema === "object" && "shape" in schema
    ? (schema.shape as Record<string, unknown>)
    : undefined;
}
