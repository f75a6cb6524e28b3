import { invalidParameters } from "./api-error.ts";
import { formatProblem } from "./formats.ts";
import { parsePropertyString } from "./property-string.ts";
import { qemuPropertyStrings } from "./qemu/formats.ts";

/** What Proxmox's schema says of one parameter; facts only, no prose. */
export interface Parameter {
  readonly type: "string" | "integer" | "number" | "boolean" | "array";
  readonly optional?: true;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** The name of a format, or the keys of a property string. */
  readonly format?: string | Readonly<Record<string, Parameter>>;
  /** In a property string: the key that may be left out. */
  readonly defaultKey?: true;
  readonly alias?: string;
  readonly keyAlias?: string;
  /** The parameter that has to be there too. */
  readonly requires?: string;
  /** Of an array. */
  readonly items?: Parameter;
}

/** Parameters by name; `net[n]` stands for net0, net1, … */
export type ParameterTable = Readonly<Record<string, Parameter>>;

/**
 * Checks what a client sent as PVE::JSONSchema does, and converts it.
 * @throws {ApiError} 400 with a message for each wrong parameter
 */
export function checkParameters(
  table: ParameterTable,
  sent: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const errors: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  for (const [name, raw] of Object.entries(sent)) {
    const parameter = findParameter(table, name);
    if (parameter === undefined) {
      errors[name] = "property is not defined in schema and the schema does not allow additional properties";
      continue;
    }
    const result =
      parameter.type === "array" ? checkArray(parameter, raw, name) : checkValue(parameter, toText(raw), name);
    if ("problem" in result) errors[name] = result.problem;
    else values[name] = result.value;
    const { requires } = parameter;
    if (requires !== undefined && sent[requires] === undefined) {
      errors[requires] = `missing property - '${name}' requires this property`;
    }
  }
  for (const [name, { optional }] of Object.entries(table)) {
    if (!optional && !(name in sent)) errors[name] = "property is missing and it is not optional";
  }
  if (Object.keys(errors).length > 0) throw invalidParameters(errors);
  return values;
}

function findParameter(table: ParameterTable, name: string): Parameter | undefined {
  if (Object.hasOwn(table, name)) return table[name];
  const indexed = name.replace(/(?:0|[1-9]\d*)$/, "[n]");
  return indexed !== name && Object.hasOwn(table, indexed) ? table[indexed] : undefined;
}

type Checked = { readonly value: unknown } | { readonly problem: string };

function checkValue(parameter: Parameter, text: string, path: string): Checked {
  if (parameter.type === "boolean") return checkBoolean(text);
  if (parameter.type === "integer" || parameter.type === "number") return checkNumber(parameter, parameter.type, text);
  const problem = textProblem(parameter, text, path);
  return problem === undefined ? { value: text } : { problem };
}

/** A form has an array as the same name several times. */
function checkArray({ items }: Parameter, raw: unknown, path: string): Checked {
  const results = (Array.isArray(raw) ? raw : [raw]).map((item) =>
    items === undefined ? { value: item as unknown } : checkValue(items, toText(item), path),
  );
  const problem = results.find((result) => "problem" in result);
  return problem ?? { value: results.map((result) => ("value" in result ? result.value : undefined)) };
}

function checkBoolean(text: string): Checked {
  if (/^(1|on|yes|true)$/i.test(text)) return { value: true };
  if (/^(0|off|no|false)$/i.test(text)) return { value: false };
  return { problem: `type check ('boolean') failed - got '${text}'` };
}

function checkNumber({ minimum, maximum, enum: values }: Parameter, type: "integer" | "number", text: string): Checked {
  const pattern = type === "integer" ? /^[+-]?\d+$/ : /^[+-]?\d+(\.\d+)?$/;
  if (!pattern.test(text)) return { problem: `type check ('${type}') failed - got '${text}'` };
  const value = Number(text);
  if (maximum !== undefined && value > maximum) return { problem: `value must have a maximum value of ${maximum}` };
  if (minimum !== undefined && value < minimum) return { problem: `value must have a minimum value of ${minimum}` };
  if (values !== undefined && !values.includes(String(value))) return { problem: enumerationProblem(text, values) };
  return { value };
}

function textProblem(parameter: Parameter, text: string, path: string): string | undefined {
  const { minLength = 0, maxLength = Infinity, pattern, format } = parameter;
  if (text.length > maxLength) return `value may only be ${maxLength} characters long`;
  if (text.length < minLength) return `value must be at least ${minLength} characters long`;
  if (pattern !== undefined && !compile(pattern).test(text)) return "value does not match the regex pattern";
  if (parameter.enum !== undefined && !parameter.enum.includes(text)) {
    return enumerationProblem(text, parameter.enum);
  }
  if (format === undefined) return undefined;
  const table = formatTable(format);
  const problem =
    (table === undefined ? undefined : propertyStringProblem(table, text, path)) ??
    (typeof format === "string" ? formatProblem(format, text) : undefined);
  return problem === undefined ? undefined : `invalid format - ${problem}`;
}

function enumerationProblem(text: string, values: readonly string[]): string {
  return `value '${text}' does not have a value in the enumeration '${values.join(", ")}'`;
}

/** The keys of a format that is a property string. */
export function formatTable(format: Parameter["format"]): ParameterTable | undefined {
  return typeof format === "string" ? qemuPropertyStrings[format] : format;
}

/** Names each key as Proxmox does: `net0.bridge`. */
function propertyStringProblem(format: ParameterTable, text: string, path: string): string | undefined {
  const parsed = parsePropertyString(format, text);
  if (typeof parsed === "string") return parsed.replace(/^format error\n/, `format error\n${path}.`);
  const problems = Object.entries(parsed).flatMap(([key, value]) => {
    const parameter = format[key];
    if (parameter === undefined) return [`${path}.${key}: property is not defined in schema`];
    const result = checkValue(parameter, value, `${path}.${key}`);
    if ("problem" in result) return [`${path}.${key}: ${result.problem}`];
    const { requires } = parameter;
    return requires === undefined || requires in parsed
      ? []
      : [`${path}.${requires}: missing property - '${key}' requires this property`];
  });
  const missing = Object.entries(format)
    .filter(
      ([key, { optional, alias, keyAlias }]) =>
        !optional && alias === undefined && keyAlias === undefined && !(key in parsed),
    )
    .map(([key]) => `${path}.${key}: property is missing and it is not optional`);
  const all = [...problems, ...missing];
  return all.length === 0 ? undefined : `format error\n${all.join("\n")}\n`;
}

const compiled = new Map<string, RegExp>();

/** Anchors a pattern as PVE::JSONSchema does; Perl writes `(?^:` for a nested pattern. */
function compile(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const expression = new RegExp(`^(?:${pattern.replaceAll(/\(\?\^[a-z]*:/g, "(?:")})$`);
  compiled.set(pattern, expression);
  return expression;
}

function toText(raw: unknown): string {
  if (typeof raw === "string") return raw;
  if (typeof raw === "boolean") return raw ? "1" : "0";
  if (typeof raw === "number") return String(raw);
  // Sent twice: Perl's CGI joins by NUL.
  if (Array.isArray(raw)) return raw.map(toText).join("\0");
  return JSON.stringify(raw);
}
