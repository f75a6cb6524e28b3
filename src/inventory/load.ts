import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Inventory } from "./inventory.ts";
import { InventoryError, type InventoryIssue } from "./inventory-error.ts";
import { checkReferences } from "./references.ts";
import { readText } from "./read-text.ts";
import { suggestName } from "./suggest-name.ts";
import { YamlFile } from "./yaml-file.ts";
import { describeZodIssue, mostIssues } from "./zod-issue.ts";

const folder = "config/homelab";

/**
 * Reads and checks config/homelab/ in a project's folder.
 * @throws {InventoryError} that lists everything wrong with it
 */
export function loadInventory(project: string): Inventory {
  const issues: InventoryIssue[] = [];
  const files = readFiles(project, issues);
  return checkFiles(files, issues);
}

/**
 * Checks the inventory's files, by their key.
 * @param found what is wrong besides
 * @throws {InventoryError} that lists everything wrong with them
 */
export function checkFiles(files: ReadonlyMap<string, YamlFile>, found: readonly InventoryIssue[] = []): Inventory {
  const issues = [...found, ...[...files.values()].flatMap(({ syntaxIssues }) => syntaxIssues)];
  // A file with nothing but comments in it is as good as none.
  const values = Object.fromEntries([...files].map(([key, file]) => [key, file.value ?? undefined]));
  const locate = ([key, ...path]: readonly PropertyKey[], at: "key" | "value" = "value") =>
    files.get(String(key))?.locate(path, at) ?? { file: join(folder, `${String(key)}.yaml`), line: 1, column: 1 };

  const parsed = Inventory.safeParse(values, { reportInput: true });
  // Of a file that cannot be read nobody knows what is missing.
  const unread = new Set<PropertyKey | undefined>(issues.map(({ path }) => path));
  for (const issue of parsed.error?.issues.filter(({ path }) => !unread.has(path[0])) ?? []) {
    if (issues.length > mostIssues) break;
    for (const { path, at, ...text } of describeZodIssue(issue)) {
      issues.push({ ...locate(path, at), path: path.join("."), ...text });
    }
  }
  if (parsed.success && issues.length === 0) {
    for (const { path, at, ...text } of checkReferences(parsed.data)) {
      issues.push({ ...locate(path, at), path: path.join("."), ...text });
    }
  }
  if (!parsed.success || issues.length > 0) {
    throw new InventoryError(issues.slice(0, mostIssues), { more: issues.length > mostIssues });
  }
  return parsed.data;
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
