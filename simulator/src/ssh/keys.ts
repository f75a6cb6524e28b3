import ssh2 from "ssh2";
import { fileEntry } from "../files/file-layer.ts";
import type { ClusterState } from "../state/cluster.ts";

/** Where a node keeps the key that it proves its identity with. */
export const hostKeyFile = "/etc/ssh/ssh_host_ed25519_key";

/** A key pair: the private half as OpenSSH writes it, the public one as a line of authorized_keys. */
export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Makes an ed25519 key pair. */
export function generateKeyPair(comment: string): KeyPair {
  for (;;) {
    const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync("ed25519", { comment });
    // ssh2 1.17 drops zeros that a public key begins with, which spoils one key in 256.
    if (!(ssh2.utils.parseKey(privateKey) instanceof Error)) return { privateKey, publicKey };
  }
}

/** Gives host keys to the nodes that have none: they stay with the state. */
export function withHostKeys(state: ClusterState): ClusterState {
  const nodes = Object.values(state.nodes).map((node) => {
    if (node.files[hostKeyFile] !== undefined) return node;
    const { privateKey, publicKey } = generateKeyPair(`root@${node.name}`);
    const keys = {
      [hostKeyFile]: fileEntry(privateKey, node.bootedAt, 0o600),
      [`${hostKeyFile}.pub`]: fileEntry(`${publicKey}\n`, node.bootedAt),
    };
    return { ...node, files: { ...node.files, ...keys } };
  });
  return { ...state, nodes: Object.fromEntries(nodes.map((node) => [node.name, node])) };
}
