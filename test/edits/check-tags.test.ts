import { expect, test } from "vitest";
import { checkTags, hasCapitalTags, type TagOptions } from "../../src/edits/check-tags.ts";
import { shipped } from "./edited-homelab.ts";

const inventory = structuredClone(shipped);
Object.assign(inventory.containers["grafana"] ?? {}, { tags: ["charts", "Monitoring"] });

test("nothing is asked where no tag has capitals", () => {
  expect(hasCapitalTags(shipped)).toBe(false);
  expect(hasCapitalTags(inventory)).toBe(true);
});

test.each<[string, TagOptions]>([
  ["no tag style", {}],
  ["a tag style that is not about case", { "tag-style": { shape: "full" } }],
  ["a tag style that says no", { "tag-style": { "case-sensitive": 0, shape: "full" } }],
])(
  "a tag with capitals is refused at its line with %s, and the command keeps the rest of the style",
  (_title, options) => {
    const style =
      options["tag-style"]?.["shape"] === "full" ? /(?:shape=full,)?case-sensitive=1(?:,shape=full)?/ : /'case-/;
    expect(checkTags(inventory, options)).toEqual([
      {
        path: ["containers", "grafana", "tags", 1],
        problem:
          "This Proxmox VE would write the tag Monitoring as monitoring, because its datacenter does not tell capitals in tags.",
        remedy: expect.stringMatching(style) as string,
      },
    ]);
  },
);

test("tags in lower case, and a datacenter that keeps capitals or could not be asked, are let through", () => {
  expect(checkTags(shipped, {})).toEqual([]);
  expect(checkTags(inventory, { "tag-style": { "case-sensitive": 1 } })).toEqual([]);
  expect(checkTags(inventory, { "tag-style": { "case-sensitive": "1" } })).toEqual([]);
  expect(checkTags(inventory, undefined)).toEqual([]);
});
