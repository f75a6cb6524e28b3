import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { renderSchemas, schemaFolder } from "./inventory-schema.ts";

// npm run schema: makes config/schema/ anew from the inventory's zod schemas, for completion in editors.
void main();

async function main(): Promise<void> {
  const folder = join(resolve(import.meta.dirname, ".."), schemaFolder);
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of await renderSchemas()) {
    writeFileSync(join(folder, file), text);
    process.stdout.write(`${schemaFolder}/${file}\n`);
  }
}
