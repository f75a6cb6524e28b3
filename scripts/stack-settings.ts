import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { runPulumi } from "./pulumi-command.ts";

const Values = z.record(z.string(), z.object({ value: z.string().optional(), secret: z.boolean() }));
const Ssh = z.object({
  username: z.string().default("root"),
  nodes: z
    .record(
      z.string(),
      z.object({ address: z.string(), port: z.coerce.number().default(22), hostKey: z.string().optional() }),
    )
    .default({}),
});

/** The settings of a stack, secrets included. */
export interface StackSettings {
  readonly endpoint: string | undefined;
  readonly apiToken: string | undefined;
  readonly ca: { readonly file: string; readonly pem: string } | undefined;
  readonly insecure: boolean;
  readonly ssh: z.infer<typeof Ssh>;
  readonly sshPrivateKey: string | undefined;
  /** The secret of the token of Prometheus's exporter. */
  readonly pveExporterToken: string | undefined;
  /** The cluster's authority, as the exporter has it. */
  readonly pveAuthority: string | undefined;
  /** The names of the settings that are secret. */
  readonly secrets: ReadonlySet<string>;
}

/** A stack whose settings cannot be read, with what the engine says. */
export class StackError extends Error {
  override readonly name = "StackError";
  /** Whether there is no stack of that name. */
  readonly missing: boolean;

  constructor(message: string, missing = false) {
    super(message);
    this.missing = missing;
  }
}

/**
 * Reads the settings of a stack through the engine, which alone can decrypt them.
 * @throws {StackError} where there is no such stack, or its settings make no sense
 */
export async function readStackSettings(project: string, stack: string): Promise<StackSettings> {
  const { code, output, messages } = await runPulumi(project, stack, ["config", "--json", "--show-secrets"]);
  if (code !== 0) throw describeFailure(stack, messages);
  const values = Values.parse(JSON.parse(output));
  const get = (name: string) => values[`homelab:${name}`]?.value;
  const caFile = get("caFile");
  return {
    endpoint: readEndpoint(stack, get("endpoint")),
    apiToken: get("apiToken"),
    ca: caFile === undefined ? undefined : { file: caFile, pem: readAuthority(project, stack, caFile) },
    insecure: get("insecure") === "true",
    ssh: Ssh.parse(JSON.parse(get("ssh") ?? "{}")),
    sshPrivateKey: get("sshPrivateKey"),
    pveExporterToken: get("pveExporterToken"),
    pveAuthority: get("pveAuthority"),
    secrets: new Set(
      Object.entries(values)
        .filter(([, { secret }]) => secret)
        .map(([name]) => name.replace(/^homelab:/, "")),
    ),
  };
}

function readEndpoint(stack: string, endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || (endpoint.startsWith("https://") && URL.canParse(endpoint))) return endpoint;
  throw new StackError(
    `homelab:endpoint is ${endpoint}, which is not the address of Proxmox VE. Set it with:\n  npm run pulumi -- config set --stack ${stack} endpoint https://ADDRESS:8006/`,
  );
}

function readAuthority(project: string, stack: string, caFile: string): string {
  const file = resolve(project, caFile);
  if (existsSync(file)) return readFileSync(file, "utf8");
  throw new StackError(
    `homelab:caFile is ${caFile}, and there is no such file. Copy /etc/pve/pve-root-ca.pem from a node there, or forget it with:\n  npm run pulumi -- config rm --stack ${stack} caFile`,
  );
}

function describeFailure(stack: string, messages: string): StackError {
  if (messages.includes("no stack named")) {
    return new StackError(`There is no stack ${stack}. Create it with:\n  npm run pulumi -- stack init ${stack}`, true);
  }
  return new StackError(`Pulumi does not tell the settings of the stack ${stack}:\n${messages.trim()}`);
}
