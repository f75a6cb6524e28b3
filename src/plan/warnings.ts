import type { Inventory } from "../inventory/inventory.ts";
import { sortedEntries, sortedSet } from "./sorted.ts";
import type { TalosClusterPlan } from "./talos.ts";

const gib = 2 ** 30;

/** What is allowed but should be known, as sentences to print on every run. */
export function planWarnings(inventory: Inventory, clusters: readonly TalosClusterPlan[]): string[] {
  return [
    ...quorumWarnings(inventory),
    ...clusters.flatMap(etcdWarnings),
    ...poolWarnings(inventory),
    ...gitlabWarnings(inventory),
    ...runnerWarnings(inventory),
    ...keyWarnings(inventory),
  ];
}

/** The rules that do not hold, as sentences to print on every run. */
export function planWaivers({ waivers }: Inventory): string[] {
  return waivers.map(({ rule, subject, reason }) => `The rule ${rule} is waived for ${subject}: ${reason}`).sort();
}

function quorumWarnings({ nodes }: Inventory): string[] {
  if (Object.keys(nodes).length !== 2) return [];
  return [
    "The cluster has two nodes: while one is down, the other has no quorum, and nothing on it can be started or changed. A QDevice on a third machine, such as the NAS, would give it the casting vote.",
  ];
}

function etcdWarnings({ name, controlPlanes }: TalosClusterPlan): string[] {
  const quorum = Math.floor(controlPlanes.length / 2) + 1;
  const even =
    controlPlanes.length % 2 === 0
      ? [`The cluster ${name} has ${controlPlanes.length} control planes: one fewer would survive as many losses.`]
      : [];
  const fatal = sortedSet(controlPlanes.map(({ host }) => host)).flatMap((host) => {
    const left = controlPlanes.filter((node) => node.host !== host).length;
    if (left >= quorum) return [];
    return [
      `The cluster ${name} stops when ${host} is down: etcd needs ${quorum} of its ${controlPlanes.length} control planes, and ${left} would be left.`,
    ];
  });
  return [...even, ...fatal];
}

function poolWarnings({ nodes }: Inventory): string[] {
  return sortedEntries(nodes).flatMap(([node, { pools }]) =>
    sortedEntries(pools).flatMap(([pool, { redundancy }]) =>
      redundancy.kind === "mirror"
        ? []
        : [
            `The pool ${pool} of ${node} is lost with any of its disks. ${redundancy.reason} Covered by: ${sortedSet(redundancy.coveredBy).join(", ")}.`,
          ],
    ),
  );
}

function gitlabWarnings({ machines }: Inventory): string[] {
  return sortedEntries(machines)
    .filter(([, { runs, memory }]) => runs === "gitlab" && memory < 16 * gib)
    .map(
      ([name, { memory }]) =>
        `${name} has ${memory / gib} GiB of memory: GitLab's baseline is 16 GiB, and below it runs with fewer workers (https://docs.gitlab.com/omnibus/settings/memory_constrained_envs/).`,
    );
}

function runnerWarnings({ containers, machines, services }: Inventory): string[] {
  const { gitlab } = services;
  if (gitlab?.runner === undefined || gitlab.runner.registered) return [];
  return sortedEntries({ ...containers, ...machines })
    .filter(([, { runs }]) => runs === "gitlab-runner")
    .map(
      ([name]) =>
        `${name} takes no jobs yet: create a runner in GitLab, put its token into the secret setting gitlabRunnerToken, and set services.gitlab.runner.registered.`,
    );
}

function keyWarnings({ access }: Inventory): string[] {
  return sortedEntries(access.sshKeys)
    .filter(([, key]) => key.endsWith(" example@homelab"))
    .map(
      ([name]) => `access.sshKeys.${name} is the example's key, which opens nothing: put your own public key there.`,
    );
}
