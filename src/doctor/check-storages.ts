import type { StoragePlan } from "../plan/storages.ts";
import type { NodeStorage, StorageConfig } from "../proxmox/answers.ts";
import { fine, listOf, problem, type Finding } from "./finding.ts";

/** What was read of a storage. */
export interface StorageFacts {
  /** Undefined where the cluster has none of this ID, or none that may be seen. */
  readonly config: StorageConfig | undefined;
  /** How its nodes see it, by node; those that were read. */
  readonly onNodes: Readonly<Record<string, NodeStorage | undefined>>;
  /** Whether the stack has made it; undefined where there is no state to tell. */
  readonly managed: boolean | undefined;
}

/** Whether a storage is there as it is declared, or its ID is free. */
export function checkStorage(storage: StoragePlan, { config, onNodes, managed }: StorageFacts): Finding {
  const { name, origin } = storage;
  const subject = `storage ${name}`;
  if (config === undefined && origin === "create") return fine(subject, "Its ID is free.");
  if (config === undefined) {
    return problem(
      subject,
      "The installer should have made it, and it is not there.",
      `Correct storage.${name} in config/homelab/storage.yaml, or write origin: create.`,
    );
  }
  if (origin === "create" && managed === false) {
    return problem(
      subject,
      "It exists already, and this stack has not made it: creating it would fail.",
      `If it is to be used as it is, write origin: installer. If nothing needs it, take it out of the configuration (its files stay):\n  pvesm remove ${name}`,
    );
  }
  return checkExisting(subject, storage, config, onNodes);
}

function checkExisting(
  subject: string,
  storage: StoragePlan,
  config: StorageConfig,
  onNodes: StorageFacts["onNodes"],
): Finding {
  const { name, type, nodes, content } = storage;
  const place = placeOf(storage);
  const actual = config.pool ?? config.path;
  if (config.type !== type || (place !== undefined && actual !== place)) {
    return problem(
      subject,
      `It is ${config.type}${actual === undefined ? "" : ` at ${actual}`}; declared is ${type}${place === undefined ? "" : ` at ${place}`}.`,
      `Correct storage.${name} in config/homelab/storage.yaml.`,
    );
  }
  const kinds = config.content.split(",");
  const missing = content.filter((kind) => !kinds.includes(kind));
  if (missing.length > 0) {
    return problem(
      subject,
      `It does not take ${listOf(missing)}, only ${listOf(kinds)}.`,
      `Let it, or keep these elsewhere:\n  pvesm set ${name} --content ${[...kinds, ...missing].sort().join(",")}`,
    );
  }
  const away = nodes.filter((node) => Object.hasOwn(onNodes, node) && onNodes[node]?.active !== true);
  if (away.length > 0) {
    return problem(
      subject,
      `It cannot be used on ${listOf(away)}.`,
      `See why, on ${away[0] ?? "the node"}:\n  pvesm status --storage ${name}`,
    );
  }
  const seen = nodes.filter((node) => Object.hasOwn(onNodes, node));
  return fine(subject, seen.length === 0 ? "The cluster has it." : `It is there on ${listOf(seen)}.`);
}

function placeOf(storage: StoragePlan): string | undefined {
  if (storage.type === "zfspool") return storage.dataset;
  return storage.type === "dir" ? storage.path : undefined;
}
