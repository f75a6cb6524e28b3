import type { Access } from "../src/provision/on-node.ts";
import type { StackSettings } from "./stack-settings.ts";

/** How this project's own commands log in to nodes over SSH: as the stack's settings say. */
export function nodeAccess({ ssh: { username, nodes }, sshPrivateKey: privateKey }: StackSettings): Access {
  const addresses = Object.entries(nodes).map(
    ([name, { address, port, hostKey }]) => [name, { address, port, hostKey }] as const,
  );
  return { username, privateKey, nodes: new Map(addresses) };
}
