import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateWidth, wrapText } from "../../src/topology/wrap-text.ts";

const style = { size: 13 };

test.each([
  ["fits", 200, ["fits"]],
  ["traefik-internal-01", 90, ["traefik-", "internal-01"]],
  ["no redundancy; covered by daily", 120, ["no redundancy;", "covered by daily"]],
  ["abcdefghijklmnop", 40, ["abcd", "efghij", "klmn", "op"]],
  ["", 40, [""]],
])("breaks %j at %i", (text, width, lines) => {
  expect(wrapText(text, width, style)).toEqual(lines);
});

test("keeps every character, and each line fits unless it is one character", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), fc.integer({ min: 10, max: 300 }), (text, width) => {
      const lines = wrapText(text, width, style);
      expect(lines.join("").replace(/\s/gu, "")).toBe(text.replace(/\s/gu, ""));
      for (const line of lines)
        expect(estimateWidth(line, style) <= width || Array.from(line).length === 1, line).toBe(true);
    }),
  );
});
