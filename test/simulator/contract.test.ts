import { describe, expect, test } from "vitest";
import { facts, type EndpointKey } from "../../simulator/src/api/facts.ts";
import { ApiError } from "../../simulator/src/api-error.ts";
import { checkParameters, type Parameter, type ParameterTable } from "../../simulator/src/check-parameters.ts";
import { isKnownFormat } from "../../simulator/src/formats.ts";
import { handlers } from "../../simulator/src/routes/handlers.ts";
import { logIn } from "./clients.ts";
import { hasOfficialSchema } from "./official-schema.ts";
import { test as simulatorTest } from "./simulator-test.ts";

const implemented = Object.keys(handlers) as EndpointKey[];

/** Formats of implemented endpoints whose values are taken as they come, or are checked by the handlers alone. */
const unchecked: readonly string[] = [
  "backup-fleecing",
  "backup-performance",
  "email-list",
  "email-or-username-list",
  "graphite-path",
  "mac-prefix",
  "pve-ha-node-list",
  "pve-ha-resource-id-list",
  "pve-ha-resource-or-vm-id",
  "pve-replication-job-id",
  "pve-sdn-bgp-rt-list",
  "pve-sdn-fabric-id",
  "pve-sdn-isis-net",
  "pve-sdn-route-map-id",
  "pve-task-status-type-list",
  "pve-tfa-config",
  "realm-sync-options",
  "storage-pair-list",
  "string-list",
];

interface Wrong {
  readonly value: unknown;
  readonly problem: string | RegExp;
}

/** One wrong value for each rule that the schema has for a parameter. */
function wrongValues(parameter: Parameter): Wrong[] {
  const { type, minimum, maximum, minLength, maxLength, pattern, format } = parameter;
  if (type === "array") return [];
  if (type === "boolean") return [{ value: "maybe", problem: "type check ('boolean') failed - got 'maybe'" }];
  if (type === "integer" || type === "number") {
    return [
      { value: "two", problem: `type check ('${type}') failed - got 'two'` },
      ...(minimum === undefined
        ? []
        : [{ value: String(minimum - 1), problem: `value must have a minimum value of ${minimum}` }]),
      ...(maximum === undefined
        ? []
        : [{ value: String(maximum + 1), problem: `value must have a maximum value of ${maximum}` }]),
      ...(type === "integer" ? [{ value: "1.5", problem: "type check ('integer') failed - got '1.5'" }] : []),
    ];
  }
  return [
    ...(maxLength === undefined
      ? []
      : [{ value: "a".repeat(maxLength + 1), problem: `value may only be ${maxLength} characters long` }]),
    ...(minLength === undefined || minLength === 0
      ? []
      : [{ value: "", problem: `value must be at least ${minLength} characters long` }]),
    ...(pattern === undefined || parameter.enum !== undefined ? [] : wrongForPattern(pattern, maxLength)),
    ...(parameter.enum === undefined
      ? []
      : [
          {
            value: "no-such",
            problem: `value 'no-such' does not have a value in the enumeration '${parameter.enum.join(", ")}'`,
          },
        ]),
    ...(typeof format === "object" && pattern === undefined ? [wrongKey(format)] : []),
  ].filter(({ value }) => minLength === undefined || value === "" || value.length >= minLength);
}

/** Patterns differ too much for one value to be wrong for all: the first that is, of some. */
function wrongForPattern(pattern: string, maxLength = Infinity): { value: string; problem: string }[] {
  const expression = new RegExp(`^(?:${pattern.replaceAll(/\(\?\^[a-z]*:/g, "(?:")})$`);
  const value = ["\u0001", "a b", "-", "€"].find((text) => text.length <= maxLength && !expression.test(text));
  return value === undefined ? [] : [{ value, problem: "value does not match the regex pattern" }];
}

function wrongKey(format: ParameterTable): { value: string; problem: RegExp } {
  const key = Object.hasOwn(format, "colour") ? "color" : "colour";
  return { value: `${key}=red`, problem: /^invalid format - (?:format error|.*not.*)/ };
}

function problemsOf(table: ParameterTable, sent: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  try {
    checkParameters(table, sent);
    return {};
  } catch (error) {
    if (error instanceof ApiError && error.errors !== undefined) return error.errors;
    throw error;
  }
}

describe("every rule that the schema has for a parameter of an implemented endpoint is kept", () => {
  test.each(implemented)("%s", (key) => {
    const { parameters } = facts[key];
    for (const [name, parameter] of Object.entries(parameters)) {
      const sentAs = name.replace("[n]", "0");
      for (const { value, problem } of wrongValues(parameter)) {
        const found = problemsOf(parameters, { [sentAs]: value })[sentAs];
        if (typeof problem === "string") expect(found, `${name}=${String(value)}`).toBe(problem);
        else expect(found, `${name}=${String(value)}`).toMatch(problem);
      }
      if (parameter.optional !== true) {
        expect(problemsOf(parameters, {})[name]).toBe("property is missing and it is not optional");
      }
    }
  });
});

test("every format of an implemented endpoint is checked, or listed here as taken as it comes", () => {
  const formats = implemented.flatMap((key) => formatsOf(facts[key].parameters));
  const unknown = [...new Set(formats)].filter((format) => !isKnownFormat(format)).sort();
  expect(unknown.filter((format) => !unchecked.includes(format))).toEqual([]);
});

function formatsOf(table: ParameterTable): string[] {
  return Object.values(table).flatMap(({ format }) =>
    format === undefined ? [] : typeof format === "string" ? [format] : formatsOf(format),
  );
}

// What a path's parameters are in the requests below; they need not exist.
const inPath: Readonly<Record<string, string>> = { node: "pve-01", vmid: "101", storage: "local", userid: "root@pam" };

simulatorTest(
  "every implemented endpoint refuses a parameter that its schema does not have",
  async ({ simulator }) => {
    const { client } = await logIn(simulator, simulator.username, simulator.password);
    for (const key of implemented) {
      const [method = "", path = ""] = key.split(" ");
      const url = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => inPath[name] ?? "x0");
      await expect(client(method, url, { colour: "red" }), key).rejects.toMatchObject({
        status: 400,
        message: "Parameter verification failed.",
        errors: {
          colour: "property is not defined in schema and the schema does not allow additional properties",
        },
      });
    }
  },
  60_000,
);

simulatorTest(
  "an endpoint of the schema that is not implemented says so and names itself",
  async ({ simulator }) => {
    const { client } = await logIn(simulator, simulator.username, simulator.password);
    const missing = (Object.keys(facts) as EndpointKey[]).filter(
      (key) => handlers[key] === undefined && facts[key].child === undefined,
    );
    expect(missing.length).toBeGreaterThan(0);
    for (const key of missing) {
      const [method = "", path = ""] = key.split(" ");
      const url = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => inPath[name] ?? "x0");
      await expect(client(method, url), key).rejects.toMatchObject({
        status: 501,
        message: `Method '${key}' not implemented`,
      });
    }
  },
  60_000,
);

test.runIf(!hasOfficialSchema)("without the official schema no answer is compared with what it says", () => {
  expect(hasOfficialSchema).toBe(false);
});
