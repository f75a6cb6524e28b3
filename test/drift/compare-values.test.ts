import { expect, test } from "vitest";
import { compareValues } from "../../src/drift/compare-values.ts";

test.each<[string, unknown, unknown, unknown]>([
  ["nothing where only the order of keys differs", { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ["nothing where one side lacks what is null on the other", { a: 1, b: null }, { a: 1 }, []],
  ["nothing where one side has an empty list for what is null on the other", { a: null, b: [] }, { a: [] }, []],
  [
    "an item as a whole where the provider only keeps its place",
    [{ a: 1 }],
    [{ a: null, b: "" }],
    [["p[0]", { a: 1 }, null]],
  ],
  ["nothing of what the engine keeps for itself", { a: 1, __defaults: [] }, { a: 1, __defaults: ["b"] }, []],
  ["the place in an object", { cpu: { cores: 2 } }, { cpu: { cores: 4 } }, [["p.cpu.cores", 2, 4]]],
  [
    "what has come and what is gone",
    { a: 1 },
    { b: 2 },
    [
      ["p.a", 1, null],
      ["p.b", null, 2],
    ],
  ],
  ["a list of words as a whole", ["x", "y"], ["y"], [["p", ["x", "y"], ["y"]]]],
  ["the place in a list", [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 3 }], [["p[1].a", 2, 3]]],
  [
    "the one item that has come to a list, and not those that have moved for it",
    [
      { pos: 0, port: 80 },
      { pos: 1, port: 443 },
    ],
    [
      { pos: 0, port: 22 },
      { pos: 1, port: 80 },
      { pos: 2, port: 443 },
    ],
    [["p", null, { port: 22 }]],
  ],
  ["one of two that are alike", [{ a: 1 }, { a: 1 }], [{ a: 1 }], [["p", { a: 1 }, null]]],
])("tells %s", (_, was, is, changes) => {
  expect(compareValues("p", was, is).map((change) => [change.path, change.was, change.is])).toEqual(changes);
});
