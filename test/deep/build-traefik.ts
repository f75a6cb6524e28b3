import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { findProgram } from "../../scripts/find-program.ts";
import { toolchainStore } from "../../toolchain/installation.mjs";

const module = "github.com/traefik/traefik/v3";
const Download = z.object({ Dir: z.string(), Sum: z.string() });
/** Of the module's files, as Go's checksum database has it. */
const sums: Readonly<Record<string, string>> = {
  "3.7.10": "h1:M1nA8OnQy59LqfDtEpsmXfAtth9NrmXdC2i+miAWgI4=",
};
const store = join(dirname(toolchainStore(process.env)), "traefik");
const environment = {
  ...process.env,
  CGO_ENABLED: "0",
  GOFLAGS: "-mod=readonly -trimpath -buildvcs=false",
  GOWORK: "off",
};

/** Why no Traefik can be built here; undefined where it can. */
export function buildObstacle(version: string): string | undefined {
  if (existsSync(join(store, version))) return undefined;
  if (findProgram("go") === undefined) return "Traefik is built from its Go module, and there is no Go";
  return sums[version] === undefined ? `test/deep/build-traefik.ts has no checksum of Traefik ${version}` : undefined;
}

/**
 * Builds one version of Traefik from its own sources, once: about ten minutes of one core. Its dashboard, which is built
 * by other means, is an empty page.
 * @returns the program's file
 */
export function buildTraefik(version: string): string {
  const program = join(store, version);
  if (existsSync(program)) return program;
  process.stderr.write(`Building Traefik ${version} from source: about 5 minutes on two cores, the first time.\n`);
  mkdirSync(store, { recursive: true });
  const staging = mkdtempSync(`${program}.staging-`);
  try {
    const source = join(staging, "source");
    cpSync(download(version), source, { recursive: true });
    execFileSync("chmod", ["-R", "u+w", source]);
    addLeftOut(source);
    const stamp = `-s -w -X ${module}/pkg/version.Version=${version}`;
    go(["build", "-ldflags", stamp, "-o", join(staging, "traefik"), "./cmd/traefik"], source);
    renameSync(join(staging, "traefik"), program);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return program;
}

function download(version: string): string {
  const { Dir, Sum } = Download.parse(JSON.parse(go(["mod", "download", "-json", `${module}@v${version}`], store)));
  if (Sum !== sums[version])
    throw new Error(`${module} ${version} has the checksum ${Sum}, not ${sums[version] ?? ""}.`);
  return Dir;
}

/** What is no part of a Go module: a module in a folder of it, and what is generated. */
function addLeftOut(source: string): void {
  const files = {
    "webui/static/index.html": "",
    "pkg/config/dynamic/ext/go.mod": "module github.com/traefik/traefik/dynamic/ext\n",
    "pkg/config/dynamic/ext/ext.go": "package ext\n\ntype HTTP struct{}\n\ntype Router struct{}\n",
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, file)), { recursive: true });
    writeFileSync(join(source, file), text);
  }
}

function go(args: readonly string[], cwd: string): string {
  return execFileSync("go", args, { cwd, env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
