import { facts, type EndpointKey } from "./facts.ts";

/**
 * The handler of a folder of the API, whose children are fixed; undefined where a path is none, or where nothing below it
 * is implemented.
 */
export function indexHandler(key: EndpointKey, implemented: readonly string[]): (() => object[]) | undefined {
  const [method, path = ""] = key.split(" ");
  const { child } = facts[key];
  if (method !== "GET" || child === undefined) return undefined;
  if (!implemented.some((other) => other.includes(` ${path}/`))) return undefined;
  const names = childrenOf(path);
  return names.length === 0 ? undefined : () => names.map((name) => ({ [child]: name }));
}

const paths = [...new Set(Object.keys(facts).map((key) => key.slice(key.indexOf(" ") + 1)))];

function childrenOf(path: string): string[] {
  const below = paths
    .filter((candidate) => candidate.startsWith(`${path}/`))
    .map((candidate) => candidate.slice(path.length + 1).split("/")[0] ?? "");
  const names = [...new Set(below)];
  return names.some((name) => name.startsWith("{")) ? [] : names;
}
