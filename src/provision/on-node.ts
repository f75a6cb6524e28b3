import { NodeSession, type NodeAddress } from "./node-session.ts";

/** How this program logs in to nodes. */
export interface Access {
  readonly username: string;
  readonly privateKey: string | undefined;
  readonly nodes: ReadonlyMap<string, Omit<NodeAddress, "privateKey" | "username">>;
}

/** What came of work on a node, or why nobody could begin it or bring it to its end. */
export type OnNode<T> =
  { readonly kind: "done"; readonly value: T } | { readonly kind: "unreachable"; readonly reason: string };

/** Does something on a node in one session; never fails. */
export async function onNode<T>(
  node: string,
  access: Access,
  work: (session: NodeSession) => Promise<T>,
): Promise<OnNode<T>> {
  const address = access.nodes.get(node);
  if (address === undefined) {
    return { kind: "unreachable", reason: `the stack's settings have no address of ${node} in homelab:ssh` };
  }
  try {
    const session = await NodeSession.open({ ...address, ...access });
    try {
      return { kind: "done", value: await work(session) };
    } finally {
      session.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "unreachable", reason: `${node} cannot be reached over SSH: ${reason}` };
  }
}
