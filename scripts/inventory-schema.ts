import { z } from "zod";
import { format, resolveConfig } from "prettier";
import { Inventory } from "../src/inventory/inventory.ts";

/** Where editors find the schemas, from the project's folder. */
export const schemaFolder = "config/schema";

/** Renders a JSON Schema for each file of the inventory, by its file's name. */
export async function renderSchemas(): Promise<Map<string, string>> {
  const style = await resolveConfig(import.meta.filename);
  const schemas = new Map<string, string>();
  for (const [key, schema] of Object.entries(Inventory.shape)) {
    // Draft 7 is what the YAML language server understands in full.
    const generated = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
    const { $schema, ...rest } = generated;
    const text = JSON.stringify({ $schema, title: `config/homelab/${key}.yaml`, ...rest });
    schemas.set(`${key}.json`, await format(text, { ...style, parser: "json" }));
  }
  return schemas;
}
