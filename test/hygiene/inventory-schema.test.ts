import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { renderSchemas, schemaFolder } from "../../scripts/inventory-schema.ts";

const project = resolve(import.meta.dirname, "../..");
const schemas = await renderSchemas();
const files = readdirSync(join(project, "config/homelab"));

test("the schemas for editors are fresh: `npm run schema` would change nothing", () => {
  const folder = join(project, schemaFolder);
  const found = readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(schemas));
});

test.each(files)("%s names its schema, and keeps to it", (file) => {
  const text = readFileSync(join(project, "config/homelab", file), "utf8");
  const schema = file.replace(".yaml", ".json");
  expect(text).toContain(`# yaml-language-server: $schema=../schema/${schema}\n`);
  const validate = new Ajv({ strict: false }).compile(JSON.parse(schemas.get(schema) ?? "false") as object);
  expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
});

test("a schema refuses a misspelt setting and a value that cannot be", () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(schemas.get("networks.json") ?? "false") as object);
  const network = { vlan: 20, subnet: "10.20.0.0/24", gateway: "10.20.0.1", dns: ["10.20.0.1"], zone: "internal" };
  expect(validate({ internal: network })).toBe(true);
  expect(validate({ internal: { ...network, vlan: 5000 } })).toBe(false);
  expect(validate({ internal: { ...network, vlam: 20 } })).toBe(false);
  expect(validate({ Internal: network })).toBe(false);
});
