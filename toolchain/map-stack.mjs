import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join, relative, resolve, dirname } from "node:path";

/** Bundles that run in this process, and the project whose sources they were made from. */
const bundles = /** @type {Map<string, string>} */ (new Map());

/** Source maps that a stack has needed so far; reading one takes longer than a program needs to start. */
const maps = /** @type {Map<string, SourceMap>} */ (new Map());

/**
 * Says that stacks may name lines of this bundle. Its map is read when a stack does.
 * @param {string} bundle
 * @param {string} projectFolder
 */
export function useSourceMap(bundle, projectFolder) {
  bundles.set(bundle, projectFolder);
}

/**
 * Replaces each position in a bundle, as stacks write them, by the position in the source.
 * @param {string} stack
 */
export function mapStack(stack) {
  return [...bundles].reduce(
    (text, [bundle, projectFolder]) =>
      text.includes(bundle)
        ? text.replaceAll(new RegExp(`${escape(bundle)}:(\\d+):(\\d+)`, "g"), (position, line, column) => {
            const entry = mapOf(bundle)?.findEntry(Number(line) - 1, Number(column) - 1);
            if (entry === undefined || !("originalSource" in entry)) return position;
            const source = sourceOf(bundle, projectFolder, entry.originalSource);
            return `${source}:${String(entry.originalLine + 1)}:${String(entry.originalColumn + 1)}`;
          })
        : text,
    stack,
  );
}

/**
 * A bundle may have been made for another checkout with the same sources.
 * @param {string} bundle
 * @param {string} projectFolder
 * @param {string} source relative to the bundle
 */
function sourceOf(bundle, projectFolder, source) {
  const cacheFolder = dirname(bundle);
  const project = resolve(cacheFolder, "../../..");
  return join(projectFolder, relative(project, resolve(cacheFolder, source)));
}

/** @param {string} bundle */
function mapOf(bundle) {
  const known = maps.get(bundle);
  if (known !== undefined) return known;
  const file = `${bundle}.map`;
  if (!existsSync(file)) return undefined;
  const map = new SourceMap(JSON.parse(readFileSync(file, "utf8")));
  maps.set(bundle, map);
  return map;
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
