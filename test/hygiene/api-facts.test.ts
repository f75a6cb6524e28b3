import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { generateApi } from "../../simulator/src/api/generate.ts";

const api = resolve(import.meta.dirname, "../../simulator/src/api");
const schema = resolve(import.meta.dirname, "../../../shared/pve-api-9.2.3.json");

test.runIf(existsSync(schema))(
  "the facts about the API are those of its official schema, where that is at hand",
  () => {
    const { facts, wire } = generateApi(JSON.parse(readFileSync(schema, "utf8")) as Parameters<typeof generateApi>[0]);
    expect(readFileSync(join(api, "facts.json"), "utf8") === facts).toBe(true);
    expect(readFileSync(join(api, "wire.ts"), "utf8") === wire).toBe(true);
  },
);
