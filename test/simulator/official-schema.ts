import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { facts, type EndpointKey } from "../../simulator/src/api/facts.ts";

interface ReturnType {
  readonly type?: string;
  readonly optional?: boolean | number;
  readonly enum?: readonly unknown[];
  readonly items?: ReturnType;
  readonly properties?: Readonly<Record<string, ReturnType>>;
}

interface Schema {
  readonly paths: readonly {
    readonly path: string;
    readonly methods: readonly { readonly verb: string; readonly returns?: ReturnType | null }[];
  }[];
}

const file = resolve(import.meta.dirname, "../../../shared/pve-api-9.2.3.json");

/** Whether Proxmox's official API schema is at hand; without it no answer is compared with what it says. */
export const hasOfficialSchema = existsSync(file);

/** Where real nodes answer something else than their schema says. */
const deviations: Partial<Record<EndpointKey, (type: ReturnType) => ReturnType>> = {
  // A user without tokens has null.
  "GET /access/users": ({ items = {}, ...type }) => ({ ...type, items: without(items, "tokens") }),
  "GET /access/users/{userid}": (type) => without(type, "tokens"),
};

const returns = hasOfficialSchema ? loadReturns() : new Map<string, ReturnType>();
const ajv = new Ajv({ allowUnionTypes: true, allErrors: true });
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with an endpoint's answer by the official schema; undefined where it conforms or there is no schema. */
export function conformanceProblem(key: EndpointKey, data: unknown): string | undefined {
  const type = returns.get(key);
  if (type === undefined) return undefined;
  const validate = compiled.get(key) ?? ajv.compile(toJsonSchema(deviations[key]?.(type) ?? type));
  compiled.set(key, validate);
  if (validate(data)) return undefined;
  return `${key} returns what its schema does not have: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(data).slice(0, 2000)}`;
}

const endpoints = (Object.keys(facts) as EndpointKey[]).map((key) => {
  const [method = "", path = ""] = key.split(" ");
  return { key, method, segments: path.split("/") };
});

/** The endpoint of a request; a literal part of a path wins over a parameter. */
export function endpointOf(method: string, path: string): EndpointKey | undefined {
  const segments = (path.split("?")[0] ?? "").replace(/\/$/, "").split("/");
  const matches = endpoints.filter(
    (endpoint) =>
      endpoint.method === method &&
      (endpoint.segments.length === segments.length ||
        (endpoint.segments.at(-1) === "{volume}" && segments.length > endpoint.segments.length)) &&
      endpoint.segments.every((part, index) => part.startsWith("{") || part === segments[index]),
  );
  const literals = ({ segments: parts }: (typeof endpoints)[number]) =>
    parts.map((part) => (part.startsWith("{") ? "1" : "0")).join("");
  return matches.sort((a, b) => (literals(a) < literals(b) ? -1 : 1))[0]?.key;
}

function loadReturns(): Map<string, ReturnType> {
  const { paths } = JSON.parse(readFileSync(file, "utf8")) as Schema;
  return new Map(
    paths.flatMap(({ path, methods }) =>
      methods.flatMap(({ verb, returns: type }) => (type ? [[`${verb} ${path}`, type] as const] : [])),
    ),
  );
}

/** Perl makes no difference between a number and its text, nor between a boolean and 1 or 0. */
function toJsonSchema({ type, items, properties = {}, enum: values }: ReturnType): object {
  switch (type) {
    case "null":
      return { type: "null" };
    case "boolean":
      return { enum: [true, false, 0, 1, "0", "1"] };
    case "integer":
      return { anyOf: [{ type: "integer" }, { type: "string", pattern: "^-?[0-9]+$" }] };
    case "number":
      return { anyOf: [{ type: "number" }, { type: "string", pattern: "^-?[0-9.]+$" }] };
    case "string":
      return values === undefined ? { type: ["string", "number"] } : { enum: values };
    case "array":
      return { type: "array", items: items === undefined ? {} : toJsonSchema(items) };
    case "object":
      return {
        type: "object",
        required: Object.keys(properties).filter((name) => !properties[name]?.optional && !name.endsWith("[n]")),
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, property]) => [name, toJsonSchema(property)]),
        ),
      };
    case undefined:
    default:
      return {};
  }
}

function without({ properties = {}, ...type }: ReturnType, name: string): ReturnType {
  const { [name]: _left, ...others } = properties;
  return { ...type, properties: others };
}
