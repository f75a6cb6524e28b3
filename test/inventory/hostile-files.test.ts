import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runProgram } from "../services/run-program.ts";
import { homelabFiles, problemsOf, writeHomelab } from "./homelab-files.ts";

let project: string;
let file: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "hostile-"));
  writeHomelab(project);
  file = join(project, "config/homelab/access.yaml");
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

const access = homelabFiles.access;
const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]
${["a", "b", "c", "d", "e", "f", "g"].map((name) => `${next(name)}: &${next(name)} [${`*${name}, `.repeat(10)}]`).join("\n")}
`;
const large = 250_000;

function next(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) + 1);
}

function problemOfAccess(): string {
  const begun = process.cpuUsage();
  const problem = problemsOf(project);
  // The processor's time, which others at work make longer, too; what grows with the square of a file would take minutes.
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1e6).toBeLessThan(10);
  expect(problem).not.toMatch(/[^\P{Cc}\n]/u);
  expect(problem.length).toBeLessThan(60_000);
  return problem;
}

test.each<[string, string | Buffer, string]>([
  ["nothing", "", "1:1  access\n  This setting is missing."],
  ["only a comment", "# nothing\n", "1:1  access\n  This setting is missing."],
  ["a text", "text\n", '1:1  access\n  "text" is not a block of settings.'],
  ["a list", "- a\n", '1:1  access\n  ["a"] is not a block of settings.'],
  ["UTF-16 with its mark", Buffer.from(`\ufeff${access}`, "utf16le"), "1:1  access\n  It is encoded as UTF-16."],
  ["UTF-16, big endian", Buffer.from(`\ufeff${access}`, "utf16le").swap16(), "1:1  access\n  It is encoded as UTF-16."],
  ["UTF-16 without a mark", Buffer.from(access, "utf16le"), "1:2  access\n  The control character U+0000 stands here."],
  ["Latin-1", Buffer.from(`# ö\n# für\n${access}`, "latin1"), "1:3  access\n  A byte here is no UTF-8."],
  ["Latin-1 further down", Buffer.from(`${access}# für\n`, "latin1"), "3:4  access\n  A byte here is no UTF-8."],
  [
    "half a character",
    Buffer.concat([Buffer.from(access), Buffer.from([0xe2, 0x82])]),
    "3:1  access\n  A byte here is no UTF-8.",
  ],
  ["NUL", `${access}# \0\n`, "3:3  access\n  The control character U+0000 stands here."],
  ["an escape sequence", `${access}# \u001b[2J\n`, "3:3  access\n  The control character U+001B stands here."],
  ["tabs for indentation", "sshKeys:\n\tadmin: x\n", "2:1  access\n  This is not valid YAML: "],
  [
    "two documents",
    `${access}---\n${access}`,
    "3:1  access\n  This is not valid YAML: Source contains multiple documents",
  ],
  ["a key twice", `${access}sshKeys: {}\n`, '3:1  access\n  "sshKeys" stands here twice'],
  ["a merge key", `base: &base {}\n<<: *base\n${access}`, 'There is no setting "<<" here.'],
  ["__proto__", `__proto__: { sshKeys: {} }\n${access}`, '1:1  access\n  "__proto__" cannot be a key.'],
  ["__proto__ below", "sshKeys:\n  __proto__: x\n", '2:3  access\n  "__proto__" cannot be a key.'],
  ["constructor", `constructor: { prototype: { x: 1 } }\n${access}`, 'There is no setting "constructor" here.'],
  ["constructor below", `${access}  constructor: ssh-ed25519 AAAA\n`, '"constructor" cannot be a name'],
  ["a list for a key", `? [a, b]\n: c\n${access}`, "1:3  access\n  A block or list cannot be a key."],
  ["an alias for a key", `x: &x y\n*x : z\n${access}`, "2:1  access\n  An alias cannot be a key."],
  [
    "a tag of Python's",
    `sshKeys: !!python/object/apply:os.system ["id"]\n`,
    "1:10  access\n  This is not valid YAML: Unresolved tag",
  ],
  ["a tag of its own", `sshKeys: !secret\n  admin: x\n`, "1:10  access\n  This is not valid YAML: Unresolved tag"],
  ["another version of YAML", `%YAML 9.9\n---\n${access}`, "This is not valid YAML: Unsupported YAML version 9.9"],
  ["an alias without its anchor", "sshKeys: *nobody\n", "This YAML cannot be read: Unresolved alias"],
  [
    "an alias of another key",
    `${access.replace("admin: ", "admin: &key ")}  other: *key\n`,
    "This key is already taken by access.sshKeys.admin.",
  ],
  ["an alias of what it stands in", "sshKeys: &self\n  admin: *self\n", "is not a text."],
  ["a bomb of aliases", bomb, "This YAML cannot be read: Excessive alias count"],
  ["very many lines", "# comment\n".repeat(100_000), "It has 977 KiB, and 256 KiB are the most that is read."],
  [
    "very many keys",
    Array.from({ length: 25_000 }, (_, index) => `a${index}: 1\n`).join(""),
    'There is no setting "a98" here.',
  ],
  ["very many mistakes", ": ]\n".repeat(large / 4), "This is not valid YAML: "],
  [
    "very many anchors",
    Array.from({ length: 12_000 }, (_, index) => `a${index}: &x${index} 1\n`).join(""),
    "There is no setting",
  ],
  ["brackets without end", "[".repeat(large), "This is not valid YAML: "],
  ["braces without end", "{a: ".repeat(large / 4), "This is not valid YAML: "],
  ["lists in lists", `${"- ".repeat(large / 2)}x`, "This is not valid YAML: "],
  ["blocks in blocks", Array.from({ length: 690 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""), "access"],
  ["a very long name", `sshKeys:\n  ${"x".repeat(1000)}: y\n`, "access.sshKeys.xxx"],
  ["a very long text", `sshKeys: { admin: "${"x".repeat(large)}" }\n`, "This is not a public key"],
])("a file with %s is refused, at once and with its place", (_name, content, problem) => {
  writeFileSync(file, content);
  const found = problemOfAccess();
  expect(found).toContain(problem);
});

test.each<[string, string]>([
  ["a mark of UTF-8", `\ufeff${access}`],
  ["ends of lines as in Windows", access.replaceAll("\n", "\r\n")],
  ["an anchor", access.replace("admin: ", "admin: &key ")],
])("a file with %s is as good as without", (_name, content) => {
  writeFileSync(file, content);
  expect(problemOfAccess()).toBe("");
});

test.each<[string, () => void, string]>([
  [
    "a folder",
    () => {
      mkdirSync(file);
    },
    "1:1  access\n  It is no file.",
  ],
  [
    "a pipe",
    () => {
      runProgram("mkfifo", [file]);
    },
    "1:1  access\n  It is no file.",
  ],
  [
    "a link to a device",
    () => {
      symlinkSync("/dev/zero", file);
    },
    "1:1  access\n  It is no file.",
  ],
  [
    "a link to nothing",
    () => {
      symlinkSync("nowhere", file);
    },
    "1:1  access\n  It cannot be read: ENOENT.",
  ],
  [
    "a link to itself",
    () => {
      symlinkSync("access.yaml", file);
    },
    "1:1  access\n  It cannot be read: ELOOP.",
  ],
  ["nothing", () => undefined, "1:1  access\n  This setting is missing."],
])("%s in the place of a file is refused", (_name, make, problem) => {
  rmSync(file);
  make();
  expect(problemOfAccess()).toContain(`config/homelab/access.yaml:${problem}`);
});

test("a link to a file is as good as the file", () => {
  const elsewhere = join(project, "elsewhere.yaml");
  writeFileSync(elsewhere, readFileSync(file));
  rmSync(file);
  symlinkSync(elsewhere, file);
  expect(problemOfAccess()).toBe("");
});

test.each(["\u001b[31m.yaml", "two\nlines.yaml", "__proto__.yaml", "constructor.yaml", "$(id).yml", "access.yml"])(
  "a file by the name of %j is refused, and its name does nothing to a terminal",
  (name) => {
    writeFileSync(join(project, "config/homelab", name), access);
    expect(problemOfAccess()).toContain("There is no such part of the inventory.");
  },
);
