import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test as base } from "vitest";
import { bundle } from "../../toolchain/bundle.mjs";

const test = base.extend<{ folder: string }>({
  // eslint-disable-next-line no-empty-pattern -- vitest reads the names of the fixtures out of the pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "bundle-"));
    write(folder, {
      "package-lock.json": "{}",
      "tsconfig.json": "{}",
      "toolchain/bundle.mjs": "",
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
    // What is younger than a bundle may have changed while that was made.
    const earlier = Date.now() / 1000 - 10;
    utimesSync(file, earlier, earlier);
  }
}

function run(file: string): string {
  return execFileSync(process.execPath, [file, "word"], { encoding: "utf8" }).trim();
}

test("a bundle does what its sources do, and finds the files beside them", async ({ folder }) => {
  const file = await bundle(folder, "src/main.ts");
  expect(run(file)).toBe("hello world beside [ 'word' ]");
  expect(readdirSync(dirname(file)).sort()).toEqual(["src-main.cjs", "src-main.cjs.sources"]);
});

test("it stays while nothing changes", async ({ folder }) => {
  const first = statSync(await bundle(folder, "src/main.ts"));
  expect(statSync(await bundle(folder, "src/main.ts")).ino).toBe(first.ino);
});

test.for([
  ["src/name.ts", `export const name = "there!";`, "hello there! beside [ 'word' ]"],
  ["src/greeting.ts", `export const greeting = "hallo";`, "hallo world beside [ 'word' ]"],
] as const)("it is made again when %s has changed", async ([name, text, printed], { folder }) => {
  await bundle(folder, "src/main.ts");
  write(folder, { [name]: text });
  expect(run(await bundle(folder, "src/main.ts"))).toBe(printed);
});

test.for(["package-lock.json", "tsconfig.json"])(
  "and when %s has, which decides packages or language",
  async (name, { folder }) => {
    const before = statSync(await bundle(folder, "src/main.ts"));
    write(folder, { [name]: `{ "name": "other" }` });
    expect(statSync(await bundle(folder, "src/main.ts")).ino).not.toBe(before.ino);
  },
);

test("one that is broken or from elsewhere counts for nothing", async ({ folder }) => {
  const file = await bundle(folder, "src/main.ts");
  const sources = `${file}.sources`;
  for (const [broken, text] of [
    [file, ""],
    [file, "console.log(1);"],
    [sources, ""],
    [sources, `{"${join(folder, "gone.ts")}":"1 bytes of 1"}`],
  ] as const) {
    writeFileSync(broken, text);
    await bundle(folder, "src/main.ts");
    expect(run(file)).toBe("hello world beside [ 'word' ]");
  }
});

test("what the first run has compiled serves the next, and never another bundle", async ({ folder }) => {
  const file = await bundle(folder, "src/main.ts");
  const codes = () => readdirSync(dirname(file)).filter((name) => name.endsWith(".code"));
  expect(runCompiled(file)).toBe("hello world beside [ 'word' ]");
  const [first] = codes();
  expect(codes()).toHaveLength(1);
  expect(runCompiled(file)).toBe("hello world beside [ 'word' ]");
  expect(codes()).toEqual([first]);
  // V8 itself would take it: the other bundle is as long.
  write(folder, { "src/greeting.ts": `export const greeting: string = "hallo";` });
  await bundle(folder, "src/main.ts");
  expect(runCompiled(file)).toBe("hallo world beside [ 'word' ]");
  expect(codes()).toHaveLength(1);
  expect(codes()).not.toEqual([first]);
});

test("compiled code that is broken is made again", async ({ folder }) => {
  const file = await bundle(folder, "src/main.ts");
  runCompiled(file);
  const code = join(dirname(file), readdirSync(dirname(file)).find((name) => name.endsWith(".code")) ?? "");
  writeFileSync(code, "nonsense");
  expect(runCompiled(file)).toBe("hello world beside [ 'word' ]");
  expect(statSync(code).size).toBeGreaterThan(100);
});

/** Runs a bundle as `npm run simulator` does. */
function runCompiled(file: string): string {
  const runner = join(import.meta.dirname, "../../toolchain/run-compiled.mjs");
  const script = `import { runCompiled } from ${JSON.stringify(runner)}; process.argv.splice(1, 1); process.argv.splice(1, 0, ""); runCompiled(${JSON.stringify(file)});`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", script, "--", "", "word"], {
    encoding: "utf8",
  }).trim();
}
