import { Config, type Output } from "@pulumi/pulumi";

/** How one node is reached over SSH. */
export interface SshNode {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** How Proxmox VE is reached; read from the stack's configuration. */
export interface Settings {
  readonly endpoint: string;
  readonly apiToken: Output<string>;
  readonly insecure: boolean;
  readonly ssh: { readonly username: string; readonly nodes: readonly SshNode[] };
}

interface SshSetting {
  readonly username?: string;
  readonly nodes?: Readonly<Record<string, { readonly address: string; readonly port?: number }>>;
}

/** Reads the stack's configuration; what is missing is an error of Pulumi's that names the command to set it. */
export function loadSettings(): Settings {
  const config = new Config();
  const { username = "root", nodes = {} } = config.getObject<SshSetting>("ssh") ?? {};
  return {
    endpoint: config.require("endpoint", { pattern: /^https:\/\// }),
    apiToken: config.requireSecret("apiToken"),
    insecure: config.getBoolean("insecure") ?? false,
    ssh: {
      username,
      nodes: Object.entries(nodes).map(([name, { address, port = 22 }]) => ({ name, address, port })),
    },
  };
}
