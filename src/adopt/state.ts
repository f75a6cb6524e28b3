import type { Deployment } from "./engine-files.ts";
import type { ImportedResource } from "./import-list.ts";
import type { Inputs } from "./lookup.ts";

/** The mark by which Pulumi knows a secret in JSON. */
const secretMark = "4dabf18193072939515e22adb298388d";
/** What `pulumi preview --json` shows of a secret. */
const hidden = "[secret]";

type Path = readonly (string | number)[];
type Visitor = (value: unknown, path: Path) => unknown;

/**
 * Makes the state of a resource as if the program had built it; a refresh then corrects what can be read.
 * @param secrets the inputs with their secrets, from the engine's plan
 */
export function assumeState(id: string, inputs: Inputs, defaults: Inputs, secrets: Inputs): ImportedResource {
  const filled = replaceValues(inputs, (value, path) => (value === hidden ? secretAt(secrets, path) : value)) as Inputs;
  return { id, inputs: filled, outputs: { ...withoutMarks(filled), ...defaults, id } };
}

/**
 * Completes a state by what holds where the server's answer says nothing.
 * @param unsaid by URN
 */
export function completeState({ deployment, ...rest }: Deployment, unsaid: ReadonlyMap<string, Inputs>): Deployment {
  const resources = deployment.resources.map((resource) => {
    const values = unsaid.get(resource.urn);
    if (values === undefined) return resource;
    const said = Object.entries(withoutDelta(resource.outputs)).filter(([, value]) => !isNothing(value));
    return { ...resource, outputs: { ...values, ...Object.fromEntries(said) } };
  });
  return { ...rest, deployment: { ...deployment, resources } };
}

/**
 * Makes of a state that was read elsewhere one for this stack: what is secret is taken from the plan here, encrypted.
 * What the program does not give is left out, and an empty password stays one: without it the next run would set it.
 */
export function transferState(
  id: string,
  state: { inputs: Inputs; outputs: Inputs },
  secrets: Inputs,
): ImportedResource {
  const transfer = (values: Inputs) =>
    replaceValues(values, (value, path) =>
      isSecret(value) ? (at(secrets, path) ?? (value["plaintext"] === '""' ? "" : undefined)) : value,
    ) as Inputs;
  return { id, inputs: transfer(state.inputs), outputs: transfer(withoutDelta(state.outputs)) };
}

/** How the provider's own values differ from Pulumi's is found out again by the next refresh; it is full of secrets. */
function withoutDelta({ __pulumi_raw_state_delta: _, ...values }: Inputs): Inputs {
  return values;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** Whether anything of this is hidden. */
export function hasSecret(inputs: Inputs): boolean {
  return JSON.stringify(inputs).includes(JSON.stringify(hidden));
}

/** The value at a path: `disks[0].size` as `["disks", 0, "size"]`. */
export function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function secretAt(secrets: Inputs, path: Path): unknown {
  const value = at(secrets, path);
  if (isSecret(value)) return value;
  throw new Error(`The engine's plan has no secret at ${path.join(".")}.`);
}

function replaceValues(value: unknown, visit: Visitor, path: Path = []): unknown {
  const seen = visit(value, path);
  if (seen !== value) return seen;
  if (Array.isArray(value)) return value.map((item, index) => replaceValues(item, visit, [...path, index]));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, replaceValues(item, visit, [...path, key])] as const,
  );
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

function withoutMarks(values: Inputs): Inputs {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).filter(([key]) => key !== "__defaults");
    return Object.fromEntries(entries.map(([key, item]) => [key, strip(item)]));
  };
  return strip(values) as Inputs;
}

function isSecret(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && Object.hasOwn(value, secretMark);
}

function isObject(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === "object" && value !== null;
}
