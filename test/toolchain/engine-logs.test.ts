import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keepNoLogs } from "../../scripts/engine-logs.ts";

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "engine-home-"));
});

afterEach(() => {
  rmSync(home, { recursive: true });
});

test("a file stands where the engine would keep its logs, and says why", () => {
  keepNoLogs(home);
  expect(readFileSync(join(home, "logs"), "utf8")).toContain("keeps no automatic logs");
});

test("logs that are there already go, and nothing else", () => {
  mkdirSync(join(home, "logs"));
  writeFileSync(join(home, "logs/pulumi-1.log"), "old");
  mkdirSync(join(home, "plugins"));
  keepNoLogs(home);
  keepNoLogs(home);
  expect(statSync(join(home, "logs")).isFile()).toBe(true);
  expect(statSync(join(home, "plugins")).isDirectory()).toBe(true);
});

test("a home that does not exist is no error: the engine says what is wrong with it", () => {
  expect(() => {
    keepNoLogs(join(home, "nowhere"));
  }).not.toThrow();
});
