import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findProgram } from "../../find-program.ts";

/** The version of bpg's provider that the plugin of this project is built from. */
export const providerVersion = "0.111.1";

const tofuVersion = "1.12.6";
const hcl = "github.com/opentofu/hcl/v2@v2.20.2-0.20251021132045-587d123c2828";
const instructions = `Build both with Go, which takes some minutes:

  mkdir -p .cache/peer/build-tofu .cache/peer/build-provider
  cd .cache/peer/build-tofu
  go mod init build-tofu
  go mod edit -replace=github.com/hashicorp/hcl/v2=${hcl}
  go get github.com/opentofu/opentofu/cmd/tofu@v${tofuVersion}
  CGO_ENABLED=0 go build -ldflags "-s -w -X github.com/opentofu/opentofu/version.dev=no" -o .. github.com/opentofu/opentofu/cmd/tofu
  cd ../build-provider
  go mod init build-provider
  go get github.com/bpg/terraform-provider-proxmox@v${providerVersion}
  CGO_ENABLED=0 go build -ldflags "-s -w" -o .. github.com/bpg/terraform-provider-proxmox
  cd ../../..

Then name both files:

  npm run bench -- --peer --tofu .cache/peer/tofu --provider .cache/peer/terraform-provider-proxmox
`;

/** The programs that this project is compared with. */
export interface Peer {
  readonly tofu: string;
  readonly provider: string;
  /** The version of OpenTofu. */
  readonly version: string;
}

/** A program is missing that this project is to be compared with. */
export class MissingPeerError extends Error {
  override readonly name = "MissingPeerError";

  constructor(problems: readonly string[]) {
    super(`${problems.join("\n")}\n\n${instructions}`);
  }
}

/**
 * Finds OpenTofu and the provider, in the named files or on PATH.
 * @throws {MissingPeerError} that says how to build them
 */
export function findPeer(named: { readonly tofu?: string | undefined; readonly provider?: string | undefined }): Peer {
  const tofu = locate("--tofu", named.tofu, "tofu");
  const provider = locate("--provider", named.provider, "terraform-provider-proxmox");
  if (!("file" in tofu) || !("file" in provider)) {
    throw new MissingPeerError([tofu, provider].flatMap((found) => ("problem" in found ? [found.problem] : [])));
  }
  return { tofu: tofu.file, provider: provider.file, version: readVersion(tofu.file) };
}

function locate(option: string, named: string | undefined, program: string): { file: string } | { problem: string } {
  if (named === undefined) {
    const file = findProgram(program);
    return file === undefined ? { problem: `${program} is not on PATH, and ${option} does not name it.` } : { file };
  }
  const file = resolve(named);
  return existsSync(file) ? { file } : { problem: `${option} ${named}: this file does not exist.` };
}

function readVersion(tofu: string): string {
  const home = mkdtempSync(join(tmpdir(), "homelab-peer-"));
  try {
    const env = { HOME: home, TF_CLI_CONFIG_FILE: devNull };
    const answer = JSON.parse(execFileSync(tofu, ["version", "-json"], { env, encoding: "utf8" })) as VersionAnswer;
    return answer.terraform_version;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

interface VersionAnswer {
  readonly terraform_version: string;
}
