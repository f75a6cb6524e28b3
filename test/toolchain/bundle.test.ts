import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test as base } from "vitest";
import { bundle } from "../../toolchain/bundle.mjs";

const test = base.extend<{ folder: string }>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures out of the pattern
  folder: async ({}, use) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "bundle-")));
    write(folder, {
      "tsconfig.json": "{}",
      "toolchain/bundle.mjs": "",
      "node_modules/.package-lock.json": "{}",
      "src/main.ts": `
        import { readFileSync } from "node:fs";
        import { greeting } from "./greeting.ts";
        void import("./name.ts").then(({ name }) => {
          console.log(greeting, name, readFileSync(\`\${import.meta.dirname}/beside.txt\`, "utf8"), process.argv.slice(2));
        });`,
      "src/greeting.ts": `export const greeting: string = "hello";`,
      "src/name.ts": `export const name = "world";`,
      "src/beside.txt": "beside",
    });
    await use(folder);
    rmSync(folder, { recursive: true });
  },
});

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

test("a bundle does what its sources do, and finds the files beside them", async ({ folder }) => {
  const file = await bundle(folder, "src/main.ts");
  expect(run(file, folder)).toBe("hello world beside [ 'word' ]");
});

test("it stays while nothing changes", async ({ folder }) => {
  const file = await bundle(folder, "src/main.ts");
  const { ino } = statSync(file);
  expect(await bundle(folder, "src/main.ts")).toBe(file);
  expect(statSync(file).ino).toBe(ino);
});

test.for([
  ["src/name.ts", `export const name = "there!";`, "hello there! beside [ 'word' ]"],
  ["src/greeting.ts", `export const greeting = "hallo";`, "hallo world beside [ 'word' ]"],
] as const)("a new one is made after %s was edited", async ([name, text, printed], { folder }) => {
  await bundle(folder, "src/main.ts");
  write(folder, { [name]: text });
  expect(run(await bundle(folder, "src/main.ts"), folder)).toBe(printed);
});

test.for(["node_modules/.package-lock.json", "tsconfig.json"])(
  "a new one is made after %s was edited, which decides packages or language",
  async (name, { folder }) => {
    const before = await bundle(folder, "src/main.ts");
    write(folder, { [name]: `{ "name": "other" }` });
    expect(await bundle(folder, "src/main.ts")).not.toBe(before);
  },
);

test("the sources back as they were, the old one is used again; only the newest four are kept", async ({ folder }) => {
  const first = await bundle(folder, "src/main.ts");
  for (let edit = 0; edit < 3; edit++) {
    write(folder, { "src/name.ts": `export const name = "edit ${String(edit)}";` });
    await bundle(folder, "src/main.ts");
  }
  write(folder, { "src/name.ts": `export const name = "world";` });
  expect(await bundle(folder, "src/main.ts")).toBe(first);
  write(folder, { "src/name.ts": `export const name = "fifth";` });
  await bundle(folder, "src/main.ts");
  const bundles = readdirSync(dirname(first)).filter((name) => name.endsWith(".cjs"));
  expect(bundles).toHaveLength(4);
});

test("a copy of the project uses the same bundle, and finds its own files", async ({ folder }) => {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), "bundle-copy-")));
  cpSync(folder, copy, { recursive: true });
  write(copy, { "src/beside.txt": "of the copy" });
  const file = await bundle(folder, "src/main.ts");
  expect(run(file, copy)).toBe("hello world of the copy [ 'word' ]");
  rmSync(copy, { recursive: true });
});

test("a source outside of the folders that are hashed is refused by name", async ({ folder }) => {
  write(folder, {
    "lib/far.ts": `export const far = 1;`,
    "src/greeting.ts": `export { far as greeting } from "../lib/far.ts";`,
  });
  await expect(bundle(folder, "src/main.ts")).rejects.toThrow("src/main.ts imports lib/far.ts");
});

test("the compiled code of the first run serves the next, and never another bundle", async ({ folder }) => {
  const file = await bundle(folder, "src/main.ts");
  const codes = () => readdirSync(dirname(file)).filter((name) => name.endsWith(".code"));
  expect(run(file, folder)).toBe("hello world beside [ 'word' ]");
  const [first] = codes();
  expect(codes()).toHaveLength(1);
  expect(run(file, folder)).toBe("hello world beside [ 'word' ]");
  expect(codes()).toEqual([first]);
  // V8 itself would accept it: the other bundle is as long.
  write(folder, { "src/greeting.ts": `export const greeting: string = "hallo";` });
  expect(run(await bundle(folder, "src/main.ts"), folder)).toBe("hallo world beside [ 'word' ]");
});

test("broken compiled code is made again", async ({ folder }) => {
  const file = await bundle(folder, "src/main.ts");
  run(file, folder);
  const code = join(dirname(file), readdirSync(dirname(file)).find((name) => name.endsWith(".code")) ?? "");
  writeFileSync(code, "nonsense");
  expect(run(file, folder)).toBe("hello world beside [ 'word' ]");
  expect(statSync(code).size).toBeGreaterThan(100);
});

test("the stack of an error names the line of the source", async ({ folder }) => {
  write(folder, {
    "src/name.ts": `\n\nexport const name = fail();\nfunction fail(): string {\n  throw new Error("broken");\n}\n`,
  });
  const file = await bundle(folder, "src/main.ts");
  expect(() => run(file, folder)).toThrow(`at fail (${join(folder, "src/name.ts")}:5:9)`);
});

/** Runs a bundle as `npm run simulator` does. */
function run(file: string, project: string): string {
  const runner = join(import.meta.dirname, "../../toolchain/run-compiled.mjs");
  const script = `import { mapStacks, runCompiled } from ${JSON.stringify(runner)};
    process.argv.splice(1, 1, "");
    mapStacks();
    runCompiled(${JSON.stringify(file)}, ${JSON.stringify(project)});`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script, "--", "", "word"], {
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
}
