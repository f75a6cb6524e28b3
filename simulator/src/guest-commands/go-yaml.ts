import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from "yaml";

/** What a program written in Go takes at one place of a YAML file. */
export type Shape =
  | "any"
  | "bool"
  | "int"
  | "string"
  | { readonly list: Shape; readonly type: string }
  | { readonly map: Shape; readonly type: string }
  /** The type's name, as messages have it, and its fields. */
  | { readonly struct: string; readonly fields: Readonly<Record<string, Shape>> }
  /** A text of a form of its own: what is wrong with it, which ends the reading. */
  | { readonly text: (value: string) => string | undefined };

/** What is wrong with a file, in the words of Go's package yaml. */
export class GoYamlError extends Error {}

/**
 * Reads a file as Go's package yaml does where it is strict.
 * @throws {GoYamlError} with everything that it does not take
 */
export function readGoYaml(text: string, shape: Shape): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: "silent" });
  const [syntax] = document.errors;
  if (syntax !== undefined)
    throw new GoYamlError(`yaml: line ${syntax.linePos?.[0].line ?? 1}: ${describe(syntax.code)}`);
  if (document.contents === null) return {};
  const lineOf = (node: Node) => lines.linePos(node.range?.[0] ?? 0).line;
  const reading: Reading = { problems: [], lineOf };
  check(document.contents, shape, reading);
  if (reading.problems.length > 0) throw new GoYamlError(`yaml: unmarshal errors:\n${reading.problems.join("\n")}`);
  return document.toJS();
}

interface Reading {
  readonly problems: string[];
  readonly lineOf: (node: Node) => number;
}

function check(node: Node, shape: Shape, reading: Reading): void {
  if (shape === "any" || (isScalar(node) && node.value === null)) return;
  if (typeof shape === "string") checkScalar(node, shape, reading);
  else if ("text" in shape) checkText(node, shape, reading);
  else if ("list" in shape) {
    if (!isSeq<Node>(node)) refuse(node, shape.type, reading);
    else for (const item of node.items) check(item, shape.list, reading);
  } else if (!isMap<Node, Node | null>(node)) refuse(node, "map" in shape ? shape.type : shape.struct, reading);
  else checkFields(node.items, shape, reading);
}

function checkFields(
  items: readonly { readonly key: Node; readonly value: Node | null }[],
  shape: Exclude<Shape, string | { readonly text: unknown } | { readonly list: Shape }>,
  reading: Reading,
): void {
  const seen = new Set<string>();
  for (const { key, value } of items) {
    const name = isScalar(key) ? String(key.value) : "";
    const field = "map" in shape ? shape.map : Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    const say = (problem: string) => reading.problems.push(`  line ${reading.lineOf(key)}: ${problem}`);
    if (field === undefined) say(`field ${name} not found in type ${"struct" in shape ? shape.struct : ""}`);
    else if (seen.has(name) && "struct" in shape) say(`field ${name} already set in type ${shape.struct}`);
    else if (value !== null) check(value, field, reading);
    seen.add(name);
  }
}

function checkScalar(node: Node, type: "bool" | "int" | "string", reading: Reading): void {
  const fits =
    isScalar(node) &&
    (type === "string" || (type === "bool" ? typeof node.value === "boolean" : Number.isInteger(node.value)));
  if (!fits) refuse(node, type, reading);
}

function checkText(node: Node, { text }: Extract<Shape, { readonly text: unknown }>, reading: Reading): void {
  if (!isScalar(node)) {
    refuse(node, "string", reading);
    return;
  }
  const problem = text(String(node.value));
  if (problem !== undefined) throw new GoYamlError(problem);
}

function refuse(node: Node, type: string, { problems, lineOf }: Reading): void {
  problems.push(`  line ${lineOf(node)}: cannot unmarshal ${tagOf(node)} into ${type}`);
}

/** As the package names what it found: a long text is cut. */
function tagOf(node: Node): string {
  if (isMap(node)) return "!!map";
  if (isSeq(node)) return "!!seq";
  if (!isScalar(node)) return "!!str";
  const { value } = node;
  const text = node.source ?? String(value);
  const tag =
    typeof value === "boolean"
      ? "bool"
      : typeof value === "number"
        ? Number.isInteger(value)
          ? "int"
          : "float"
        : "str";
  return `!!${tag} \`${text.length > 10 ? `${text.slice(0, 7)}...` : text}\``;
}

function describe(code: string): string {
  return code === "BLOCK_AS_IMPLICIT_KEY" || code === "MULTILINE_IMPLICIT_KEY"
    ? "mapping values are not allowed in this context"
    : `did not find expected key (${code})`;
}
