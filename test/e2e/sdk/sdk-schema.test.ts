import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { readToolchain } from "../../../scripts/stack-environment.ts";
import { compareSdkWithSchema } from "./compare-sdk-with-schema.ts";
import { packageSchema, readSchema } from "./read-schema.ts";
import { readSdk } from "./read-sdk.ts";
import type { Surface } from "./surface.ts";

const root = join(import.meta.dirname, "../../..");
const { from, plugins } = readToolchain();

const difference = z.strictObject({ at: z.string(), sdk: z.string(), schema: z.string(), reason: z.string().min(20) });
const knownDifferences = z
  .record(z.string(), z.array(difference))
  .parse(readJson(join(root, "toolchain/proxmoxve/sdk-differences.json")));

describe.skipIf(from !== "source")("the plugin built from source offers what its SDK says", () => {
  test.each([
    { name: "proxmoxve", sdk: "@muhlba91/pulumi-proxmoxve", resources: 116, functions: 92 },
    { name: "command", sdk: "@pulumi/command", resources: 5, functions: 1 },
  ])("$sdk", { timeout: 60_000 }, ({ name, sdk, resources, functions }) => {
    const offered = readSdk(join(root, "node_modules", sdk));
    const served = readSchema(packageSchema.parse(readJson(join(plugins[name] ?? "", "schema.json"))));
    const known = (knownDifferences[name] ?? []).map(({ at, sdk, schema }) => ({ at, sdk, schema }));

    expect(compareSdkWithSchema(offered, served)).toEqual(known);
    expect({ resources: count(offered, "resource"), functions: count(offered, "function") }).toEqual({
      resources,
      functions,
    });
  });
});

describe("compareSdkWithSchema", () => {
  const folder = mkdtempSync(join(tmpdir(), "sdk-"));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  write("box.d.ts", boxDeclarations);
  write("box.js", `Box.__pulumiType = 'toy:index/box:Box';\nconst o = { additionalSecretOutputs: ["code"] };`);
  write("provider.d.ts", "export declare class Provider extends pulumi.ProviderResource {}");
  write("provider.js", "class Provider extends pulumi.ProviderResource {\n    static __pulumiType = 'toy';\n}");
  write("types/input.d.ts", `export declare namespace index { interface Lid { color: pulumi.Input<string>; } }`);
  write("types/output.d.ts", `export declare namespace index { interface Lid { color?: string; } }`);
  const sdk = readSdk(folder);

  test("finds nothing where both agree", () => {
    expect(compareSdkWithSchema(sdk, readSchema(packageSchema.parse(boxSchema())))).toEqual([]);
  });

  test.each([
    {
      title: "a resource that the plugin lacks",
      schema: { ...boxSchema(), resources: {} },
      at: "toy:index/box:Box",
      sdk: "resource",
      served: "absent",
    },
    {
      title: "another spelling inside a nested list",
      schema: boxSchema({ lid: { properties: { colour: { type: "string" } }, required: ["colour"] } }),
      at: "toy:index/box:Box inputs.lids[].colour",
      sdk: "absent",
      served: "required string",
    },
    {
      title: "a property that is required on one side only",
      schema: boxSchema({ requiredInputs: ["lids", "size"] }),
      at: "toy:index/box:Box inputs.size",
      sdk: "optional number",
      served: "required number",
    },
    {
      title: "a secret that is one on one side only",
      schema: boxSchema({ code: { type: "string" } }),
      at: "toy:index/box:Box outputs.code",
      sdk: "required secret string",
      served: "required string",
    },
  ])("finds $title", ({ schema, at, sdk: offered, served }) => {
    expect(compareSdkWithSchema(sdk, readSchema(packageSchema.parse(schema)))).toContainEqual({
      at,
      sdk: offered,
      schema: served,
    });
  });

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
});

const boxDeclarations = `
  export declare class Box extends pulumi.CustomResource {
    readonly code: pulumi.Output<string>;
    readonly lids: pulumi.Output<outputs.index.Lid[] | undefined>;
  }
  export interface BoxArgs {
    lids: pulumi.Input<pulumi.Input<inputs.index.Lid>[]>;
    size?: pulumi.Input<number | undefined>;
  }`;

interface BoxChanges {
  readonly lid?: object;
  readonly requiredInputs?: readonly string[];
  readonly code?: object;
}

function boxSchema(changes: BoxChanges = {}): object {
  const {
    lid = { properties: { color: { type: "string" } }, required: ["color"] },
    requiredInputs = ["lids"],
    code = { type: "string", secret: true },
  } = changes;
  const lids = { type: "array", items: { $ref: "#/types/toy:index/Lid:Lid" } };
  return {
    name: "toy",
    types: { "toy:index/Lid:Lid": { ...lid, language: { nodejs: { requiredOutputs: [] } } } },
    resources: {
      "toy:index/box:Box": {
        properties: { code, lids },
        required: ["code"],
        inputProperties: { lids, size: { type: "integer" } },
        requiredInputs,
      },
    },
  };
}

function count(surface: Surface, kind: string): number {
  return [...surface.values()].filter((what) => what === kind).length;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}
