import { expect, test } from "vitest";
import { commandFirst } from "../../scripts/command-line.ts";

test.each([
  ["up --yes", "up --yes"],
  ["--stack demo up --yes", "up --stack demo --yes"],
  ["-s demo --color never refresh", "refresh -s demo --color never"],
  ["--stack=demo --non-interactive up", "up --stack=demo --non-interactive"],
  ["--help", "--help"],
  ["--stack demo", "--stack demo"],
  ["", ""],
])("of %j the command is said first: %j", (given, wanted) => {
  expect(commandFirst(given.split(" ")).join(" ")).toBe(wanted);
});
