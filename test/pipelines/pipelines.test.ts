import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { findProgram } from "../../scripts/find-program.ts";
import { installPythonPackages, python } from "../python-packages.ts";

const project = resolve(import.meta.dirname, "../..");
const workflow = ".github/workflows/homelab.yml";
const pipelines = [
  [".gitlab-ci.yml", "gitlab-ci"],
  [workflow, "github-workflows"],
] as const;

interface Job {
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly container?: string;
  readonly "timeout-minutes"?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}
interface GitlabJob {
  readonly environment?: { readonly name: string; readonly action: string };
  readonly resource_group?: string;
  readonly interruptible?: boolean;
  readonly script?: readonly string[];
  readonly needs?: readonly string[];
}

const github = parse(read(workflow)) as { readonly permissions: unknown; readonly jobs: Readonly<Record<string, Job>> };
const gitlab = parse(read(".gitlab-ci.yml")) as Readonly<Record<string, GitlabJob>>;
const gitlabDefault = gitlab["default"] as { readonly image: string; readonly timeout: string };
const gitlabJobs = Object.entries(gitlab).filter(([, { script }]) => script !== undefined);

describe.skipIf(python === undefined)("the published schema accepts", () => {
  test.each(pipelines)("%s", (file, name) => {
    const validate = compile(name);
    expect(validate(parse(read(file))), JSON.stringify(validate.errors?.slice(0, 5))).toBe(true);
  });

  test.each([
    ["gitlab-ci", { check: { script: "npm test", timeout: 7 } }],
    ["github-workflows", { on: "push", jobs: { check: { "runs-on": "ubuntu-24.04", steps: [{ use: "x" }] } } }],
  ] as const)("and of %s refuses what is wrong", (name, wrong) => {
    expect(compile(name)(wrong)).toBe(false);
  });
});

describe.skipIf(findProgram("go") === undefined)("actionlint", () => {
  test("has nothing to say about the workflow", () => {
    expect(lint(read(workflow))).toEqual({ status: 0, said: "" });
  });

  test("would have", () => {
    const { status, said } = lint(read(workflow).replace("needs: plan", "needs: plans"));
    expect(said).toContain('needs job "plans" which does not exist');
    expect(status).toBe(1);
  });
});

test("what pipelines run are commands of this project", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> };
  const commands = [
    ...gitlabJobs.flatMap(([, { script = [] }]) => script),
    ...Object.values(github.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? [])),
  ];
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands) {
    const name = /^npm (?:run )?([a-z:-]+)(?: -- [^&|;\n]+)?$/.exec(command)?.[1];
    expect(Object.keys(scripts), command).toContain(name);
  }
});

test("both run the same", () => {
  const names = (commands: readonly string[]) =>
    [...new Set(commands.map((command) => command.replace(/ --out \S+/, "")))].sort();
  expect(names(gitlabJobs.flatMap(([, { script = [] }]) => script))).toEqual(
    names(Object.values(github.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))),
  );
});

test("images and actions are pinned by what they contain", () => {
  const images = [gitlabDefault.image, ...Object.values(github.jobs).map(({ container }) => container)];
  expect([...new Set(images)]).toEqual([expect.stringMatching(/^node:20\.\d+\.\d+-trixie@sha256:[0-9a-f]{64}$/)]);
  const uses = Object.values(github.jobs).flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? []));
  expect(uses.length).toBeGreaterThan(10);
  for (const action of uses) expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
  // The version is for people, and for the tools that bring new ones.
  for (const line of read(workflow)
    .split("\n")
    .filter((text) => text.includes("uses:"))) {
    expect(line).toMatch(/ # v\d+\.\d+\.\d+$/);
  }
});

const writing: Readonly<Record<string, object>> = {
  preview: { "pull-requests": "write" },
  drift: { issues: "write" },
};

test("no job lasts for ever, and each may do only what it names", () => {
  expect(github.permissions).toEqual({});
  expect(gitlabDefault.timeout).toBe("30 minutes");
  for (const [name, job] of Object.entries(github.jobs)) {
    expect(job["timeout-minutes"], name).toBeGreaterThan(0);
    expect(job.permissions, name).toEqual({ contents: "read", ...writing[name] });
  }
});

test("what changes the homelab does so alone, to its end, and from an environment that no merge request has", () => {
  const lock = { group: "homelab-deploy", "cancel-in-progress": false };
  for (const [name, environment] of [
    ["deploy", "homelab"],
    ["drift", "homelab-drift"],
  ] as const) {
    expect(github.jobs[name]).toMatchObject({ concurrency: lock, environment });
    expect(gitlab[name]).toMatchObject({
      resource_group: "homelab",
      interruptible: false,
      environment: { name: environment },
    });
  }
  expect(github.jobs["preview"]?.environment).toBe("homelab-preview");
});

test("GitLab's jobs wait for jobs that there are", () => {
  const names = gitlabJobs.map(([name]) => name);
  for (const [, { needs = [] }] of gitlabJobs) for (const name of needs) expect(names).toContain(name);
});

/** Compiles a schema of the package that the requirements name. */
function compile(name: string) {
  const folder = installPythonPackages(python ?? "", join(import.meta.dirname, "requirements.txt"));
  const file = join(folder, "check_jsonschema/builtin_schemas/vendor", `${name}.json`);
  const schema = JSON.parse(readFileSync(file, "utf8")) as object;
  return new Ajv({ strict: false, validateFormats: false }).compile(schema);
}

/** Runs the actionlint of the module beside this file, which Go builds once. */
function lint(text: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync("go", ["tool", "actionlint", "-no-color", "-"], {
    cwd: join(import.meta.dirname, "actionlint"),
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" },
    input: text,
    encoding: "utf8",
  });
  return { status, said: `${stdout}${stderr.replace(/^go: downloading .*\n/gm, "")}` };
}

function read(file: string): string {
  return readFileSync(join(project, file), "utf8");
}
