import { z } from "zod";
import { addFields, listOf, mapOf, objectOf, plain, unionOf } from "./surface.ts";
import type { Field, Shape, Surface } from "./surface.ts";

interface TypeSpec {
  type?: string | undefined;
  $ref?: string | undefined;
  items?: TypeSpec | undefined;
  additionalProperties?: TypeSpec | undefined;
  oneOf?: TypeSpec[] | undefined;
  secret?: boolean | undefined;
}

const typeSpec: z.ZodType<TypeSpec> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    $ref: z.string().optional(),
    items: typeSpec.optional(),
    additionalProperties: typeSpec.optional(),
    oneOf: z.array(typeSpec).optional(),
    secret: z.boolean().optional(),
  }),
);
const properties = z.record(z.string(), typeSpec).default({});
const names = z.array(z.string());
const objectSpec = z.object({ properties, required: names.default([]) });
const resourceSpec = objectSpec.extend({ inputProperties: properties, requiredInputs: names.default([]) });
const nestedSpec = objectSpec.extend({
  enum: z.array(z.unknown()).optional(),
  // What a nested type requires of a program and what it promises back may differ in Node.
  language: z
    .object({ nodejs: z.object({ requiredInputs: names, requiredOutputs: names }).partial().optional() })
    .default({}),
});

/** The parts of a Pulumi package schema that a program meets. */
export const packageSchema = z.object({
  name: z.string(),
  config: z.object({ variables: properties }).optional(),
  provider: resourceSpec.default({ properties: {}, required: [], inputProperties: {}, requiredInputs: [] }),
  types: z.record(z.string(), nestedSpec).default({}),
  resources: z.record(z.string(), resourceSpec).default({}),
  functions: z
    .record(z.string(), z.object({ inputs: objectSpec.optional(), outputs: objectSpec.optional() }))
    .default({}),
});

/** A Pulumi package schema, as far as it is compared. */
export type PackageSchema = z.infer<typeof packageSchema>;

/** Lists everything that a package's schema offers to a program. */
export function readSchema(schema: PackageSchema): Surface {
  const surface = new Map<string, string>();
  for (const [token, resource] of Object.entries(schema.resources)) {
    surface.set(token, "resource");
    addFields(surface, `${token} inputs`, inputsOf(schema, resource));
    addFields(surface, `${token} outputs`, outputsOf(schema, resource));
  }
  const provider = `pulumi:providers:${schema.name}`;
  surface.set(provider, "resource");
  addFields(surface, `${provider} inputs`, inputsOf(schema, schema.provider));
  // An SDK offers only those settings of a provider back that travel as a string.
  const texts = outputsOf(schema, schema.provider).filter(({ shape }) => shape.text === "string");
  addFields(surface, `${provider} outputs`, texts);
  addFunctions(surface, schema);
  addFields(surface, `${schema.name} config`, fieldsOf(schema, "Outputs", schema.config?.variables ?? {}, []));
  return surface;
}

type Direction = "Inputs" | "Outputs";
type ResourceSpec = z.infer<typeof resourceSpec>;

function inputsOf(schema: PackageSchema, resource: ResourceSpec): readonly Field[] {
  const fields = fieldsOf(schema, "Inputs", resource.inputProperties, resource.requiredInputs);
  return markSecret(fields, resource.inputProperties);
}

function outputsOf(schema: PackageSchema, resource: ResourceSpec): readonly Field[] {
  return markSecret(fieldsOf(schema, "Outputs", resource.properties, resource.required), resource.properties);
}

/** An SDK marks whole properties of a resource as secret; secrets inside them are left to the engine. */
function markSecret(fields: readonly Field[], specs: Record<string, TypeSpec>): readonly Field[] {
  return fields.map((field) => ({ ...field, secret: specs[field.name]?.secret ?? false }));
}

function addFunctions(surface: Map<string, string>, schema: PackageSchema): void {
  for (const [token, { inputs, outputs }] of Object.entries(schema.functions)) {
    surface.set(token, "function");
    // A method's receiver is not an argument in an SDK.
    const parameters = Object.fromEntries(
      Object.entries(inputs?.properties ?? {}).filter(([name]) => name !== "__self__"),
    );
    addFields(surface, `${token} inputs`, fieldsOf(schema, "Inputs", parameters, inputs?.required ?? []));
    const results = fieldsOf(schema, "Outputs", outputs?.properties ?? {}, outputs?.required ?? []);
    addFields(surface, `${token} outputs`, results);
  }
}

function fieldsOf(
  schema: PackageSchema,
  direction: Direction,
  specs: Record<string, TypeSpec>,
  required: readonly string[],
): readonly Field[] {
  return Object.entries(specs).map(([name, spec]) => ({
    name,
    required: required.includes(name),
    secret: false,
    shape: shapeOf(schema, direction, spec),
  }));
}

function shapeOf(schema: PackageSchema, direction: Direction, spec: TypeSpec): Shape {
  if (spec.oneOf !== undefined) return unionOf(spec.oneOf.map((member) => shapeOf(schema, direction, member)));
  if (spec.$ref !== undefined) return referencedShape(schema, direction, spec.$ref);
  if (spec.type === "array") return listOf(shapeOf(schema, direction, spec.items ?? {}));
  if (spec.type === "object") return mapOf(shapeOf(schema, direction, spec.additionalProperties ?? { type: "string" }));
  return plain(spec.type === "integer" ? "number" : (spec.type ?? "any"));
}

/** As the types are called in TypeScript, where an asset may be an archive. */
const builtInTypes = new Map([
  ["pulumi.json#/Any", "any"],
  ["pulumi.json#/Archive", "Archive"],
  ["pulumi.json#/Asset", "Archive | Asset"],
  ["pulumi.json#/Json", "string"],
]);

function referencedShape(schema: PackageSchema, direction: Direction, reference: string): Shape {
  const builtIn = builtInTypes.get(reference);
  if (builtIn !== undefined) return plain(builtIn);
  const token = decodeURIComponent(reference.replace("#/types/", ""));
  const type = schema.types[token];
  if (type === undefined) return plain(`unknown ${reference}`);
  if (type.enum !== undefined) return plain(`enum ${token.slice(token.lastIndexOf(":") + 1)}`);
  const required = type.language.nodejs?.[`required${direction}`] ?? type.required;
  return objectOf(() => fieldsOf(schema, direction, type.properties, required));
}
