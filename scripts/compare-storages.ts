import { Deployment } from "../src/adopt/engine-files.ts";
import { readContents } from "../src/edits/storage-contents.ts";
import type { StorageContent } from "../src/edits/storage-uses.ts";
import { readBuilt } from "../src/state/built.ts";
import { runPulumi } from "./pulumi-command.ts";
import { withServer } from "./stack-server.ts";
import { readStackSettings } from "./stack-settings.ts";

/**
 * Runs what lets storages show another location, and says what was found before and is not found there; returns the exit code.
 * @param names storages that the user says have their files at the new location already
 */
export async function compareStorages(
  project: string,
  stack: string,
  names: readonly string[],
  { say, run }: { readonly say: (text: string) => void; readonly run: () => Promise<number> },
): Promise<number> {
  if (names.length === 0) return run();
  const before = await readStorages(project, stack, names);
  const code = await run();
  if (code !== 0) return code;
  const after = await readStorages(project, stack, names);
  const lines = names.flatMap((name) => compare(name, before.get(name), after.get(name)));
  for (const line of lines) say(`${line}\n`);
  return lines.length === 0 ? 0 : 1;
}

function compare(name: string, before: StorageContent | undefined, after: StorageContent | undefined): string[] {
  if (after?.kind !== "read") {
    const reason = after === undefined ? "it is not in the state" : after.reason;
    return [`What is on ${name} now cannot be read: ${reason}`];
  }
  if (before?.kind !== "read") return [];
  const found = new Set(after.volumes.map(({ node, volid }) => `${node} ${volid}`));
  const missing = before.volumes.filter(({ node, volid }) => !found.has(`${node} ${volid}`));
  if (missing.length === 0) return [];
  const list = missing.map(({ node, volid }) => `  ${volid} (seen from ${node})`).sort();
  return [
    `${name} does not show any more:\n${list.join("\n")}\nThey are at the old location. Copy them, or write the old location again and run the same command. Images and user data of this inventory: npm run up -- --refresh makes them again.`,
  ];
}

async function readStorages(
  project: string,
  stack: string,
  names: readonly string[],
): Promise<Map<string, StorageContent>> {
  const { code, output } = await runPulumi(project, stack, ["stack", "export"]);
  if (code !== 0) return new Map();
  const { storages } = readBuilt(Deployment.parse(JSON.parse(output)).deployment.resources);
  const settings = await readStackSettings(project, stack);
  const named = storages.filter(({ name }) => names.includes(name));
  return withServer(stack, settings, ({ api }) => readContents(api, named));
}
