import { X509Certificate } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { digestOf } from "../section-config.ts";
import type { NodeState } from "../state/node.ts";
import type { World } from "../world.ts";
import { isClustered, localNode } from "./cluster.ts";

/** corosync.conf, to be read only: the members of a simulated cluster are what its state has. */
export const clusterConfigHandlers: Handlers = {
  "GET /cluster/config/apiversion": () => 1,
  "GET /cluster/config/nodes": (_parameters, { world }) =>
    isClustered(world)
      ? Object.values(world.state.nodes).map((node) => ({
          ...describeMember(node),
          node: node.name,
          nodeid: String(node.id),
          quorum_votes: "1",
        }))
      : [],
  "GET /cluster/config/join": ({ node }, { world }) => {
    if (!isClustered(world)) throw new ApiError(424, "node is not in a cluster, no join info available!");
    const preferred = node ?? localNode(world);
    if (world.state.nodes[preferred] === undefined) throw new ApiError(500, `unknown node '${preferred}'`);
    return {
      config_digest: digestOf([totemOf(world), Object.keys(world.state.nodes)]),
      nodelist: Object.values(world.state.nodes).map((member) => ({
        ...describeMember(member),
        nodeid: member.id,
        quorum_votes: 1,
        pve_addr: member.address,
        pve_fp: fingerprintOf(world, member),
      })),
      preferred_node: preferred,
      totem: totemOf(world),
    };
  },
  "GET /cluster/config/totem": (_parameters, { world }) => (isClustered(world) ? totemOf(world) : {}),
  // There is no external vote.
  "GET /cluster/config/qdevice": () => ({}),
  "POST /cluster/config": (_parameters, { world }) => {
    if (isClustered(world)) throw new ApiError(500, "cluster config '/etc/pve/corosync.conf' already exists");
    throw new ApiError(501, "the simulator does not know how to make a cluster of a node yet");
  },
};

function describeMember({ name, address }: NodeState) {
  return { name, ring0_addr: address };
}

function totemOf({ state }: World) {
  return {
    cluster_name: state.name,
    config_version: String(Object.keys(state.nodes).length),
    interface: { "0": { linknumber: "0" } },
    ip_version: "ipv4-6",
    link_mode: "passive",
    secauth: "on",
    version: "2",
  };
}

/** Of its own certificate, or of the one that all nodes of the simulator answer with. */
function fingerprintOf({ certificate: common }: World, { certificate: own }: NodeState): string {
  return own === undefined ? (common?.fingerprint ?? "") : new X509Certificate(own.certificates).fingerprint256;
}
