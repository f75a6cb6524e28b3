import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Inventory } from "./inventory.ts";
import { InventoryError, type InventoryIssue } from "./inventory-error.ts";
import { checkReferences } from "./references.ts";
import type { RuleIssue } from "./rules/rule.ts";
import { readText } from "./read-text.ts";
import { suggestName } from "./suggest-name.ts";
import { YamlFile } from "./yaml-file.ts";
import { describeZodIssue, mostIssues } from "./zod-issue.ts";

const folder = "config/homelab";

/** An inventory that still knows where each of its values is. */
export interface LocatedInventory {
  readonly inventory: Inventory;
  /**
   * Refuses the inventory for what was found besides.
   * @throws {InventoryError} unless nothing was found
   */
  readonly refuse: (found: readonly RuleIssue[]) => void;
}

/**
 * Reads and checks config/homelab/ in a project's folder.
 * @throws {InventoryError} that lists everything wrong with it
 */
export function loadInventory(project: string): Inventory {
  return loadLocatedInventory(project).inventory;
}

/**
 * Reads and checks config/homelab/ in a project's folder, for those who find more that is wrong with it.
 * @param complete adds what is known of the homelab besides, before the rules are checked
 * @throws {InventoryError} that lists everything wrong with it
 */
export function loadLocatedInventory(
  project: string,
  complete = (inventory: Inventory) => inventory,
): LocatedInventory {
  const issues: InventoryIssue[] = [];
  const files = readFiles(project, issues);
  const inventory = checkFiles(files, issues, complete);
  return {
    inventory,
    refuse: (found) => {
      if (found.length === 0) return;
      const located = found.map(({ path, at, ...text }) => ({
        ...locateIn(files)(path, at),
        path: path.join("."),
        ...text,
      }));
      throw new InventoryError(located);
    },
  };
}

function locateIn(files: ReadonlyMap<string, YamlFile>) {
  return ([key, ...path]: readonly PropertyKey[], at: "key" | "value" = "value") =>
    files.get(String(key))?.locate(path, at) ?? { file: join(folder, `${String(key)}.yaml`), line: 1, column: 1 };
}

/**
 * Checks the inventory's files, by their key.
 * @param found what is wrong besides
 * @throws {InventoryError} that lists everything wrong with them
 */
export function checkFiles(
  files: ReadonlyMap<string, YamlFile>,
  found: readonly InventoryIssue[] = [],
  complete = (inventory: Inventory) => inventory,
): Inventory {
  const issues = [...found, ...[...files.values()].flatMap(({ syntaxIssues }) => syntaxIssues)];
  // A file with nothing but comments in it is as good as none.
  const values = Object.fromEntries([...files].map(([key, file]) => [key, file.value ?? undefined]));
  const locate = locateIn(files);

  const parsed = Inventory.safeParse(values, { reportInput: true });
  // Of a file that cannot be read nobody knows what is missing.
  const unread = new Set<PropertyKey | undefined>(issues.map(({ path }) => path));
  for (const issue of parsed.error?.issues.filter(({ path }) => !unread.has(path[0])) ?? []) {
    if (issues.length > mostIssues) break;
    for (const { path, at, ...text } of describeZodIssue(issue)) {
      issues.push({ ...locate(path, at), path: path.join("."), ...text });
    }
  }
  const inventory = parsed.success ? complete(parsed.data) : undefined;
  if (inventory !== undefined && issues.length === 0) {
    for (const { path, at, ...text } of checkReferences(inventory)) {
      issues.push({ ...locate(path, at), path: path.join("."), ...text });
    }
  }
  if (inventory === undefined || issues.length > 0) {
    throw new InventoryError(issues.slice(0, mostIssues), { more: issues.length > mostIssues });
  }
  return inventory;
}

function readFiles(project: string, issues: InventoryIssue[]): Map<string, YamlFile> {
  const known = Object.keys(Inventory.shape);
  const files = new Map<string, YamlFile>();
  for (const name of listFolder(join(project, folder))) {
    const path = join(folder, name);
    const key = name.replace(/\.yaml$/, "");
    if (!known.includes(key)) {
      issues.push({
        file: path,
        line: 1,
        column: 1,
        path: key,
        problem: "There is no such part of the inventory.",
        remedy: suggestName(key, known),
      });
      continue;
    }
    const read = readText(join(project, path));
    if (!("text" in read)) issues.push({ file: path, path: key, ...read });
    files.set(key, new YamlFile(path, key, "text" in read ? read.text : "{}"));
  }
  return files;
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
  } catch (error) {
    throw new InventoryError([
      {
        file: folder,
        line: 1,
        column: 1,
        path: "inventory",
        problem: `The folder cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        remedy: `Create it, with ${Object.keys(Inventory.shape).join(", ")} in it, each as a .yaml file.`,
      },
    ]);
  }
}
