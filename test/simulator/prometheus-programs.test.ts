import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect } from "vitest";
import { findProgram } from "../../scripts/find-program.ts";
import { runProgram } from "../services/run-program.ts";
import { test as base } from "./machine-test.ts";

/** Files by their name; the command is given the first. */
type Files = Readonly<Record<string, string>>;

/** A test with a node that has Debian's programs around Prometheus. */
const test = base.extend<{
  readonly put: (files: Files) => Promise<void>;
}>({
  put: async ({ out }, use) => {
    await out("apt-get install -y prometheus promtool prometheus-blackbox-exporter");
    await use(async (files) => {
      for (const [path, text] of Object.entries(files)) await out(`mkdir -p "$(dirname ${path})"; cat > ${path}`, text);
    });
  },
});

const good = `groups:
  - name: hosts
    interval: 1m30s
    rules:
      - { alert: Down, expr: up == 0, for: 5m, labels: { severity: critical }, annotations: { summary: gone } }
      - { record: all, expr: count(up) }
`;
const job = "job_name: a\n    static_configs: [{ targets: ['10.0.0.1:9100'], labels: { instance: a } }]";

const configurations: Readonly<Record<string, Files>> = {
  "what is right": {
    "c.yml": `global: { scrape_interval: 30s }\nrule_files: [rules/a.yml]\nscrape_configs:\n  - ${job}\n`,
    "rules/a.yml": good,
  },
  nothing: { "c.yml": "" },
  "rules by a pattern, which need not be there": {
    "c.yml": "rule_files: ['rules/*.yml', 'none/*.yml']\n",
    "rules/a.yml": good,
  },
  "a setting that does not exist": { "c.yml": "global: { scrape_interval: 30s }\nscrape_confgs: []\n" },
  "settings that do not exist, deep inside": {
    "c.yml":
      "scrape_configs:\n  - job_name: a\n    tls_config: { x: 1 }\n    static_configs: [{ target: [x] }]\n    relabel_configs: [{ foo: a }]\n    foo: 2\n",
  },
  "a span of time that is none": { "c.yml": "global: { scrape_interval: 15q }\n" },
  "a setting twice": { "c.yml": "global:\n  scrape_interval: 5s\n  scrape_interval: 6s\n" },
  "a text for a list": { "c.yml": "scrape_configs:\n  - job_name: a\n    static_configs: [{ targets: x }]\n" },
  "a list for a map, and a number for one": { "c.yml": "global: 5\nscrape_configs: x\nrule_files: { a: b }\n" },
  "a job without a name": { "c.yml": "scrape_configs: [{ metrics_path: /x }]\n" },
  "a job twice": { "c.yml": "scrape_configs: [{ job_name: a }, { job_name: a }]\n" },
  "a URL for a target": {
    "c.yml": "scrape_configs: [{ job_name: a, static_configs: [{ targets: ['http://a/x'] }] }]\n",
  },
  "rules that are not there": { "c.yml": "rule_files: [rules/a.yml]\n" },
  "rules that are wrong": {
    "c.yml": "rule_files: [rules/a.yml, rules/b.yml]\n",
    "rules/a.yml": "groups: [{ name: a, rules: [{ alert: X, expr: up, fro: 5m }] }]\n",
    "rules/b.yml": good,
  },
  "an action of relabelling that does not exist": {
    "c.yml": "scrape_configs: [{ job_name: a, relabel_configs: [{ action: nothing }] }]\n",
  },
};

const rules: Readonly<Record<string, Files>> = {
  "what is right": { "r.yml": good },
  "fields that do not exist": {
    "r.yml": "groups:\n  - name: x\n    rule: []\n    rules:\n      - alert: X\n        expr: up\n        fro: 5m\n",
  },
  "a span of time that is none": { "r.yml": "groups: [{ name: a, rules: [{ alert: X, expr: up, for: 5q }] }]\n" },
  "a file of something else": { "r.yml": "global: {}\n" },
};

describe.skipIf(findProgram("promtool") === undefined)("promtool says what the true one says", () => {
  const cases = [
    ...Object.entries(configurations).map(([title, files]) => ["check config", title, files] as const),
    ...Object.entries(rules).map(([title, files]) => ["check rules", title, files] as const),
  ];
  test.for(cases)("%s: %s", async ([command, , files], { put, sh }) => {
    const folder = mkdtempSync(join(tmpdir(), "promtool-"));
    try {
      const there = Object.fromEntries(Object.entries(files).map(([path, text]) => [join(folder, path), text]));
      const [first = ""] = Object.keys(there);
      for (const [path, text] of Object.entries(there)) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
      await put(there);
      expect(await sh(`promtool ${command} ${first}`)).toEqual(runProgram("promtool", [...command.split(" "), first]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("promtool", () => {
  test.for(Object.entries(configurations).slice(3))("refuses %s", async ([, files], { put, sh }) => {
    await put(files);
    const { code, err } = await sh(`promtool check config ${Object.keys(files)[0] ?? ""}`);
    expect(code).toBe(1);
    expect(err).toMatch(/^ {2}FAILED:/);
  });

  test("names the rule that is wrong", async ({ put, sh }) => {
    await put({
      "r.yml":
        "groups:\n  - name: a\n    rules: [{ record: x, alert: Y, expr: up }, { alert: Z }, { expr: up }]\n  - name: a\n",
    });
    expect(await sh("promtool check rules r.yml")).toMatchObject({
      code: 1,
      err: `  FAILED:
r.yml: group "a", rule 1, "x": only one of 'record' and 'alert' must be set
r.yml: group "a", rule 2, "Z": field 'expr' must be set in rule
r.yml: group "a", rule 3, "": one of 'record' or 'alert' must be set
r.yml: groupname: "a" is repeated in the same file
`,
    });
  });

  test("is not there before its package, and says what it does not know", async ({ out, sh }) => {
    expect(await sh("promtool check config x")).toMatchObject({
      code: 127,
      err: "sh: 1: promtool: not found\n",
    });
    await out("apt-get install -y promtool");
    expect(await sh("promtool check config none.yml")).toMatchObject({
      code: 1,
      err: "promtool: error: path 'none.yml' does not exist, try --help\n",
    });
    expect(await sh("promtool query instant x up")).toMatchObject({
      code: 127,
      err: expect.stringContaining("the simulator does not know 'promtool query instant x up'") as string,
    });
  });
});

describe("the blackbox exporter", () => {
  const check = "prometheus-blackbox-exporter --config.check --config.file=b.yml";

  test("takes modules", async ({ put, sh }) => {
    await put({
      "b.yml":
        "modules: { a: { prober: tcp, timeout: 5s, tcp: { tls: true, tls_config: { insecure_skip_verify: true } } } }\n",
    });
    expect(await sh(check)).toMatchObject({
      code: 0,
      err: expect.stringContaining("Config file is ok exiting...") as string,
    });
  });

  test.for([
    [
      "a span of time that is none",
      "modules: { a: { timeout: never } }",
      "cannot unmarshal !!str `never` into time.Duration",
    ],
    [
      "a field that does not exist",
      "modules:\n  a: { tcp: { tsl: true } }",
      "  line 2: field tsl not found in type config.plain",
    ],
    ["a text for a switch", "modules: { a: { tcp: { tls: x } } }", "  line 1: cannot unmarshal !!str `x` into bool"],
  ] as const)("refuses %s", async ([, text, message], { put, sh }) => {
    await put({ "b.yml": text });
    const { code, err } = await sh(check);
    expect(code).toBe(1);
    expect(err).toContain(JSON.stringify(message).slice(1, -1));
  });
});
