import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePropertyString, printPropertyString } from "../../simulator/src/property-string.ts";

const format = {
  volume: { type: "string", defaultKey: true },
  size: { type: "string", optional: true },
  backup: { type: "boolean", optional: true },
} as const;

test("what is printed is read again as the same", () => {
  const value = fc.string({ minLength: 1 }).filter((text) => !/[,=\s]/.test(text));
  const values = fc.record({ volume: value, size: value, backup: value }, { requiredKeys: ["volume"] });
  fc.assert(
    fc.property(values, (wanted) => {
      expect(parsePropertyString(format, printPropertyString(format, wanted))).toEqual(wanted);
    }),
  );
});

test.each([
  ["local-zfs:8,size=8G", { volume: "local-zfs:8", size: "8G" }],
  ["volume=local-zfs:8", { volume: "local-zfs:8" }],
  ["size=8G,size=9G", "duplicate key in comma-separated list property: size"],
  ["a,b", "value without key, but schema does not define a default key"],
])("%s", (text, expected) => {
  expect(parsePropertyString(format, text)).toEqual(expected);
});
