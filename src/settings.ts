import { Config, type Output } from "@pulumi/pulumi";

/** How one node is reached over SSH. */
export interface SshNode {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Its public host key, by which it is known: `ssh-ed25519 AAAA…`; without it steps trust whoever answers. */
  readonly hostKey: string | undefined;
}

/** How nodes are reached over SSH: with a key, or with the keys of the user's agent where there is none. */
export interface SshSettings {
  readonly username: string;
  readonly agent: boolean;
  readonly privateKey: Output<string> | undefined;
  readonly nodes: readonly SshNode[];
}

/** How Proxmox VE is reached, and the secrets that the inventory names; read from the stack's configuration. */
export interface Settings {
  readonly endpoint: string;
  readonly apiToken: Output<string>;
  readonly insecure: boolean;
  /** The authority to trust besides the well-known ones: a PEM file. */
  readonly caFile: string | undefined;
  readonly ssh: SshSettings;
  /** By the name of the setting. */
  readonly secrets: Readonly<Record<string, Output<string>>>;
}

/** How this program itself logs in to nodes. */
export interface SshAccess {
  readonly username: string;
  readonly privateKey: string | undefined;
  /** By the node's name. */
  readonly nodes: ReadonlyMap<string, SshNode>;
}

interface SshSetting {
  readonly username?: string;
  readonly nodes?: Readonly<
    Record<string, { readonly address: string; readonly port?: number; readonly hostKey?: string }>
  >;
}

/** Settings that the stack lacks, each with the command that sets it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
  /** By this mark Pulumi knows a RunError, of which it shows the message and no stack. */
  readonly __pulumiRunError = true;

  constructor(stack: string, missing: readonly MissingSetting[]) {
    const problems = missing.map(
      ({ name, secret, reason }) =>
        `homelab:${name} is missing: ${reason}\n` +
        `  npm run pulumi -- config set ${secret ? "--secret " : name.includes(".") ? "--path " : ""}--stack ${stack} ${name}`,
    );
    super(`Pulumi.${stack}.yaml lacks ${missing.length === 1 ? "a setting" : "settings"}.\n\n${problems.join("\n\n")}`);
  }
}

interface MissingSetting {
  readonly name: string;
  readonly secret: boolean;
  readonly reason: string;
}

/**
 * Reads the stack's configuration.
 * @param secrets what else is asked for: the reason by the name of the secret setting
 * @param nodes the names of the nodes that are logged in to
 * @throws {SettingsError} that lists everything that is missing
 */
export function loadSettings(
  stack: string,
  secrets: Readonly<Record<string, string>>,
  nodes: readonly string[],
): Settings {
  const config = new Config();
  const needed = { apiToken: "it is how Proxmox VE knows this program (user@realm!id=secret).", ...secrets };
  const values = Object.entries(needed).map(([name, reason]) => ({ name, reason, value: config.getSecret(name) }));
  const endpoint = config.get("endpoint", { pattern: /^https:\/\// });
  const missing = [
    ...(endpoint === undefined
      ? [
          {
            name: "endpoint",
            secret: false,
            reason: "it is the address of Proxmox VE, such as https://10.10.0.11:8006/.",
          },
        ]
      : []),
    ...values.filter(({ value }) => value === undefined).map(({ name, reason }) => ({ name, reason, secret: true })),
  ];
  const ssh = loadSsh(config);
  const unknown = nodes.filter((node) => !ssh.nodes.some(({ name }) => name === node));
  missing.push(
    ...unknown.map((node) => ({
      name: `ssh.nodes.${node}.address`,
      secret: false,
      reason: `it is where ${node} takes SSH; nothing else is dialled, whatever the inventory says.`,
    })),
  );
  const { apiToken, ...others } = Object.fromEntries(
    values.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
  );
  if (missing.length > 0 || endpoint === undefined || apiToken === undefined) throw new SettingsError(stack, missing);
  return {
    endpoint,
    apiToken,
    insecure: config.getBoolean("insecure") ?? false,
    caFile: config.get("caFile"),
    ssh,
    secrets: others,
  };
}

function loadSsh(config: Config): SshSettings {
  const { username = "root", nodes = {} } = config.getObject<SshSetting>("ssh") ?? {};
  const privateKey = config.getSecret("sshPrivateKey");
  return {
    username,
    agent: privateKey === undefined,
    privateKey,
    nodes: Object.entries(nodes).map(([name, { address, port = 22, hostKey }]) => ({ name, address, port, hostKey })),
  };
}

/** Opens what the settings keep secret, for the connections that this program makes itself. */
export async function loadSshAccess({ ssh: { username, privateKey, nodes } }: Settings): Promise<SshAccess> {
  const key =
    privateKey === undefined
      ? undefined
      : await new Promise<string>((resolve) => {
          privateKey.apply(resolve);
        });
  return { username, privateKey: key, nodes: new Map(nodes.map((node) => [node.name, node])) };
}
