import type { types } from "@pulumi/command";
import type { SshSettings } from "../../settings.ts";

/** How steps get to a node: as the stack's settings say, which are the only place with an address to dial. */
export function connectionTo(
  node: string,
  { username: user, privateKey, nodes }: SshSettings,
): types.input.remote.ConnectionArgs {
  const [found] = nodes.filter(({ name }) => name === node);
  if (found === undefined) throw new Error(`The stack's settings have no address of ${node} in homelab:ssh.`);
  const { address: host, port, hostKey } = found;
  return {
    host,
    port,
    user,
    dialErrorLimit: 3,
    perDialTimeout: 15,
    // Without a key the agent's are tried.
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(hostKey === undefined ? {} : { hostKey }),
  };
}
