import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { InventoryError } from "../src/inventory/inventory-error.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { planHomelab } from "../src/plan/plan.ts";
import { embedTopology, MissingMarkersError, renderTopologyFiles } from "./topology-files.ts";

const usage = `Draws the homelab of config/homelab/: docs/topology.svg, and a flowchart in docs/topology.mmd and README.md.

npm run topology -- [options]

  --output FOLDER  write both files there instead, and leave README.md alone
  --check          write nothing; end with 1 if a file is not what would be drawn
  --help
`;

const project = resolve(import.meta.dirname, "..");

try {
  const { values } = parseArgs({
    options: { output: { type: "string" }, check: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) process.stdout.write(usage);
  else drawTopology(values);
} catch (error) {
  if (!isUsersFault(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function drawTopology({ output, check = false }: { output?: string; check?: boolean }): void {
  const files = renderTopologyFiles(planHomelab(loadInventory(project)));
  const folder = output === undefined ? join(project, "docs") : resolve(output);
  const wanted = new Map(Object.entries(files).map(([name, text]) => [join(folder, name), text]));
  const readme = join(project, "README.md");
  if (output === undefined) wanted.set(readme, embedTopology(readFileSync(readme, "utf8"), files["topology.mmd"]));
  const stale = [...wanted].filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text);
  if (check) report(stale.map(([path]) => path));
  else for (const [path, text] of stale) write(path, text);
  if (stale.length === 0) process.stdout.write("The pictures show the homelab as it is described.\n");
}

function report(stale: readonly string[]): void {
  if (stale.length === 0) return;
  const names = stale.map((path) => `  ${relative(process.cwd(), path)}`);
  process.stderr.write(
    `Not what would be drawn:\n${names.join("\n")}\nRun npm run topology and commit what it writes.\n`,
  );
  process.exitCode = 1;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  process.stdout.write(`${relative(process.cwd(), path)}\n`);
}

function isUsersFault(error: unknown): error is Error {
  if (error instanceof InventoryError || error instanceof MissingMarkersError) return true;
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
