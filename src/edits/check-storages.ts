import type { HomelabPlan } from "../plan/plan.ts";
import type { StoragePlan } from "../plan/storages.ts";
import type { ExistingGuest } from "../proxmox/answers.ts";
import type { BuiltStorage } from "../state/built-places.ts";
import type { Built } from "../state/built.ts";
import { renderCommands, type RefusedEdit } from "./edit.ts";
import {
  describeUses,
  isUnused,
  usesOf,
  type StorageContent,
  type StorageUses,
  type UsingGuest,
} from "./storage-uses.ts";

/** The storages that the command line names, by ID. */
export interface StorageConsents {
  /** Their entries may go, although there are files. */
  readonly removed: ReadonlySet<string>;
  /** Their entries may show another location: the files are there. */
  readonly repointed: ReadonlySet<string>;
}

/** What edits of storages are judged by. */
export interface StorageFacts {
  readonly plan: Pick<HomelabPlan, "storages">;
  readonly built: Built;
  readonly existing: readonly ExistingGuest[];
  /** What is on the storages at stake, by ID. */
  readonly contents: ReadonlyMap<string, StorageContent>;
  readonly consents: StorageConsents;
}

/** The storages whose entry an edit removes, or lets show another location. */
export function storagesAtStake(
  { storages }: Pick<HomelabPlan, "storages">,
  { storages: built }: Built,
): BuiltStorage[] {
  return built.filter(({ released, name, location }) => {
    const wanted = storages.find((storage) => storage.name === name);
    return !released && (wanted === undefined || (wanted.origin === "create" && wanted.location !== location));
  });
}

/**
 * Refuses edits of storages after which guests could not start, or files would be out of sight. Proxmox VE deletes no file with
 * an entry, and knows nothing of who needs it.
 */
export function checkStorages(facts: StorageFacts): RefusedEdit[] {
  const { plan, built, consents } = facts;
  const wantedFor = (name: string) => plan.storages.find((storage) => storage.name === name);
  return [
    ...checkNames(facts),
    ...built.storages.flatMap((storage): RefusedEdit[] => {
      const wanted = wantedFor(storage.name);
      if (storage.released || (wanted !== undefined && wanted.origin !== "create")) return [];
      if (wanted === undefined) return checkRemoved(storage, facts);
      if (wanted.type !== storage.type) return [changedType(wanted, storage)];
      if (wanted.location !== storage.location) return checkMoved(wanted, storage, facts);
      return [...checkThin(wanted, storage), ...checkNodes(wanted, storage, built)];
    }),
    ...[...consents.removed].filter((name) => wantedFor(name) !== undefined).map(stillThere),
  ];
}

function checkRemoved(storage: BuiltStorage, facts: StorageFacts): RefusedEdit[] {
  const { name, location } = storage;
  const uses = usesWithoutOwnFiles(storage, facts);
  const renamed = findRenamed(storage, facts);
  const needed = uses.guests.length > 0;
  if (renamed !== undefined) {
    const images = facts.built.images.filter(({ volumeId }) => volumeId.startsWith(`${name}:`));
    if (!needed && images.length === 0) return [];
    const holds = [
      ...(needed ? [describeUses({ ...uses, files: [], unread: undefined })] : []),
      ...images.map(({ volumeId }) => volumeId),
    ];
    return [
      {
        path: ["storage", renamed.name],
        at: "key",
        problem: `${renamed.name} shows ${location}, as ${name} does, which the inventory lacks: a new name for it. Proxmox VE renames no storage, and the volume IDs of what is on it begin with its name: ${holds.join(", ")}.`,
        remedy: `Keep the key ${name}.`,
      },
    ];
  }
  const path = ["storage", name];
  const problem = `The storage ${name} is not in the inventory any more, and its entry would go from Proxmox VE. On it: ${describeUses(uses)}.`;
  if (needed) {
    const remedy = `Put the entry back. First move what guests have on it to another storage in the inventory, or remove the guests, and run npm run up; then remove the entry.`;
    return [{ path, problem: `${problem} Guests could not start without it.`, remedy }];
  }
  if (isUnused(uses) || facts.consents.removed.has(name)) return [];
  const remedy = `Put the entry back. To remove it, and leave the files at ${location} where Proxmox VE does not show them any more: npm run up -- --remove-storage ${name}.`;
  return [{ path, problem, remedy }];
}

function checkMoved(wanted: StoragePlan, storage: BuiltStorage, facts: StorageFacts): RefusedEdit[] {
  const { name } = storage;
  const path = ["storage", name, settingOf(wanted, storage)];
  const uses = usesOf(name, { ...facts, content: facts.contents.get(name) });
  if (isUnused(uses)) return [];
  if (!facts.consents.repointed.has(name)) {
    const problem = `The storage ${name} shows ${storage.location}. With ${wanted.location} in its entry this goes out of sight: ${describeUses(uses)}.`;
    return [{ path, problem, remedy: wayToMove(wanted, storage) }];
  }
  const running = uses.guests.filter((guest) => guest.running);
  if (running.length === 0) return [];
  const names = running.map((guest) => guest.name).join(", ");
  return [
    {
      path,
      problem: `${names} ${running.length === 1 ? "runs" : "run"} from ${storage.location}, and would go on writing there until the next start.`,
      remedy: `Stop what has disks on ${name} before you copy, and start it after npm run up -- --repoint-storage ${name}:\n  ${renderCommands(running.map(stopCommand))}`,
    },
  ];
}

function wayToMove(wanted: StoragePlan, { name, type, location, nodes }: BuiltStorage): string {
  const copy = nodes.map((node) => ({
    node,
    command: `mkdir -p ${wanted.location} && cp -a ${location}/. ${wanted.location}/`,
  }));
  const how = type === "dir" ? `copied them:\n  ${renderCommands(copy)}\n` : "copied them: ";
  return `If the files are at ${wanted.location} already, because the server has another name now, or because you have ${how}npm run up -- --repoint-storage ${name}. It compares afterwards what is found there. Otherwise write ${location} again, add a second storage for ${wanted.location}, move guests, images and backup jobs to it, and remove ${name} last.`;
}

function changedType(wanted: StoragePlan, { name, type }: BuiltStorage): RefusedEdit {
  return {
    path: ["storage", name, "type"],
    problem: `The storage ${name} is of the type ${type}, and Proxmox VE changes no type: ${wanted.type} would be a second entry of the same name.`,
    remedy: `Write ${type} again, and add a storage of the type ${wanted.type} under another name. Move guests, images and backup jobs to it, and remove ${name} last.`,
  };
}

/** The provider leaves the setting out where it is false. */
function checkThin(wanted: StoragePlan, { name, nodes, thin }: BuiltStorage): RefusedEdit[] {
  if (wanted.type !== "zfspool" || wanted.thin || thin !== true) return [];
  const [node = ""] = nodes;
  const command = renderCommands([{ node, command: `pvesm set ${name} --sparse 0` }]);
  return [
    {
      path: ["storage", name, "thin"],
      problem: `The storage ${name} is thin, and the provider can only switch that on.`,
      remedy: `Switch it off yourself; it counts for new volumes:\n  ${command}\nThen run npm run pulumi -- refresh, and npm run up again.`,
    },
  ];
}

/** What the run removes from a node could not be removed once the storage is not there any more. */
function checkNodes(wanted: StoragePlan, { name, nodes }: BuiltStorage, { images }: Built): RefusedEdit[] {
  const left = images.filter(({ volumeId, node }) => volumeId.startsWith(`${name}:`) && !wanted.nodes.includes(node));
  return left.map(({ node, volumeId }) => ({
    path: ["storage", name, "nodes"],
    problem: `${volumeId} is on ${node}, where this run removes it. Proxmox VE would refuse that once the storage ${name} is not on ${node} any more.`,
    remedy: `Two runs: write nodes: [${nodes.join(", ")}] again and run npm run up; then take ${node} out.`,
  }));
}

/** Names on the command line that fit nothing. */
function checkNames({ built, plan, consents: { removed, repointed } }: StorageFacts): RefusedEdit[] {
  const known = new Set([...built.storages, ...plan.storages].map(({ name }) => name));
  return [
    ...[...removed].map((name) => ["--remove-storage", name] as const),
    ...[...repointed].map((name) => ["--repoint-storage", name] as const),
  ]
    .filter(([, name]) => !known.has(name))
    .map(([option, name]) => ({
      path: ["storage", name],
      at: "key" as const,
      problem: `${option} names ${name}, and there is no storage of that name in the inventory or in the state.`,
      remedy: `Correct the name, or leave out ${option}.`,
    }));
}

function stillThere(name: string): RefusedEdit {
  return {
    path: ["storage", name],
    at: "key",
    problem: `--remove-storage names ${name}, and ${name} is in the inventory.`,
    remedy: "Remove its entry, or leave out --remove-storage.",
  };
}

/** Images and snippets of the stack itself move or go with the same run; `checkUserData` judges who reads them. */
function usesWithoutOwnFiles({ name }: BuiltStorage, { built, existing, contents }: StorageFacts): StorageUses {
  const content = contents.get(name);
  const own = new Set([...built.images.map(({ volumeId }) => volumeId), ...built.snippets]);
  const left =
    content?.kind === "read"
      ? { ...content, volumes: content.volumes.filter(({ volid }) => !own.has(volid)) }
      : content;
  return { ...usesOf(name, { built, existing, content: left }), readers: [] };
}

function findRenamed({ type, location }: BuiltStorage, { plan, built }: StorageFacts): StoragePlan | undefined {
  return plan.storages.find(
    (wanted) =>
      wanted.origin === "create" &&
      wanted.type === type &&
      wanted.location === location &&
      !built.storages.some(({ name }) => name === wanted.name),
  );
}

/** The setting by which two locations differ. */
function settingOf(wanted: StoragePlan, { location }: BuiltStorage): string {
  switch (wanted.type) {
    case "zfspool":
      return "pool";
    case "dir":
      return "path";
    case "nfs":
      return location.endsWith(`:${wanted.export}`) ? "server" : "export";
    case "cifs": {
      const share = `//${wanted.server}/${wanted.share}`;
      if (location === share || location.startsWith(`${share}/`)) return "subdir";
      return location.startsWith(`//${wanted.server}/`) ? "share" : "server";
    }
  }
}

function stopCommand({ node, program, vmid }: UsingGuest) {
  return { node, command: `${program} shutdown ${vmid}` };
}
