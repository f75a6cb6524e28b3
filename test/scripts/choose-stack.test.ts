import { expect, test } from "vitest";
import { chooseStack } from "../../scripts/choose-stack.ts";

test.each([
  ["preview --stack homelab", "homelab"],
  ["preview --stack=homelab --diff", "homelab"],
  ["-s homelab up", "homelab"],
  ["-shomelab up", "homelab"],
  ["stack init homelab", "homelab"],
  ["stack rm homelab --yes", "homelab"],
  ["version", undefined],
  ["stack ls", undefined],
  ["up --help", undefined],
  ["", undefined],
])("%s is about %s", (line, stack) => {
  const args = line.split(" ").filter((arg) => arg !== "");
  expect(chooseStack(args, { named: undefined, demoRuns: false })).toEqual({ kind: "chosen", stack });
});

test("without a name it is the running demo's stack", () => {
  expect(chooseStack(["up"], { named: undefined, demoRuns: true })).toEqual({ kind: "chosen", stack: "demo" });
});

test("PULUMI_STACK comes before the demo, and an option before it", () => {
  expect(chooseStack(["up"], { named: "homelab", demoRuns: true })).toEqual({ kind: "chosen", stack: "homelab" });
  expect(chooseStack(["up", "-s", "x"], { named: "homelab", demoRuns: true })).toEqual({ kind: "chosen", stack: "x" });
});

test("without a name and a demo there is no stack: the real one is never a default", () => {
  expect(chooseStack(["destroy"], { named: undefined, demoRuns: false })).toEqual({ kind: "missing" });
});

test("what belongs to a command after -- is left alone", () => {
  expect(chooseStack(["up", "--", "--stack", "x"], { named: undefined, demoRuns: false })).toEqual({ kind: "missing" });
});
