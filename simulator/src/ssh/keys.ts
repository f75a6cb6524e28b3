import ssh2 from "ssh2";
import { fileEntry } from "../files/file-layer.ts";
import type { ClusterState } from "../state/cluster.ts";
import type { NodeState } from "../state/node.ts";

/** Where a node keeps the key that it proves its identity with. */
export const hostKeyFile = "/etc/ssh/ssh_host_ed25519_key";

/** A key pair: the private half as OpenSSH writes it, the public one as a line of authorized_keys. */
interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Makes an ed25519 key pair. */
function generateKeyPair(comment: string): KeyPair {
  for (;;) {
    const { private: privateKey, public: publicKey } = ssh2.utils.generateKeyPairSync("ed25519", { comment });
    // ssh2 1.17 drops zeros that a public key begins with, which spoils one key in 256.
    if (!(ssh2.utils.parseKey(privateKey) instanceof Error)) return { privateKey, publicKey };
  }
}

/** Where a node keeps root's own key: all nodes of a cluster let each other in. */
export const rootKeyFile = "/root/.ssh/id_ed25519";
/** Who may log in with a key. */
export const authorizedKeysFile = "/root/.ssh/authorized_keys";

/** Gives keys to the nodes that have none: they stay with the state. */
export function withSshKeys(state: ClusterState): ClusterState {
  const nodes = Object.values(state.nodes);
  const kept = nodes.map(({ files }) => readPair(files, rootKeyFile)).find((pair) => pair !== undefined);
  const root = kept ?? generateKeyPair("root@cluster");
  return { ...state, nodes: Object.fromEntries(nodes.map((node) => [node.name, withKeys(node, root)])) };
}

function withKeys(node: NodeState, root: KeyPair): NodeState {
  const host = readPair(node.files, hostKeyFile) ?? generateKeyPair(`root@${node.name}`);
  const own = readPair(node.files, rootKeyFile) ?? root;
  return {
    ...node,
    files: {
      ...pairFiles(hostKeyFile, host, node.bootedAt),
      ...pairFiles(rootKeyFile, own, node.bootedAt),
      [authorizedKeysFile]: fileEntry(`${root.publicKey}\n`, node.bootedAt, 0o600),
      ...node.files,
    },
  };
}

function readPair(files: NodeState["files"], path: string): KeyPair | undefined {
  const [privateKey, publicKey] = [files[path], files[`${path}.pub`]].map((file) =>
    file === undefined ? undefined : Buffer.from(file.content, "base64").toString("utf8"),
  );
  return privateKey === undefined || publicKey === undefined ? undefined : { privateKey, publicKey: publicKey.trim() };
}

function pairFiles(path: string, { privateKey, publicKey }: KeyPair, mtime: number): NodeState["files"] {
  return { [path]: fileEntry(privateKey, mtime, 0o600), [`${path}.pub`]: fileEntry(`${publicKey}\n`, mtime) };
}
