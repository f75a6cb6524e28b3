import { z } from "zod";
import type { ExistingGuest } from "../proxmox/answers.ts";
import type { Built, BuiltGuest } from "../state/built.ts";

/** GET /nodes/{node}/storage/{storage}/content */
export const StorageVolumes = z.array(
  z.object({ volid: z.string(), content: z.string(), vmid: z.coerce.number().optional() }),
);
/** One volume or file that Proxmox VE lists on a storage. */
export type StorageVolume = z.infer<typeof StorageVolumes>[number] & { readonly node: string };

/** What the server lists on a storage, on all of its nodes; or why it does not. */
export type StorageContent =
  | { readonly kind: "read"; readonly volumes: readonly StorageVolume[] }
  | { readonly kind: "unread"; readonly reason: string; readonly answered: boolean };

/** What needs the entry of a storage. */
export interface StorageUses {
  /** Guests whose disks are on it. */
  readonly guests: readonly UsingGuest[];
  /** Machines that read their user data there whenever they start. */
  readonly readers: readonly UsingGuest[];
  /** What else is on it: `2 backups`. */
  readonly files: readonly string[];
  /** Why the server does not say what is on it. */
  readonly unread: string | undefined;
}

/** A guest that needs a storage. */
export interface UsingGuest {
  readonly name: string;
  readonly vmid: number;
  readonly node: string;
  readonly program: "pct" | "qm";
  readonly running: boolean;
}

/** What is known of guests and storages. */
export interface UseFacts {
  readonly built: Built;
  readonly existing: readonly ExistingGuest[];
  readonly content: StorageContent | undefined;
}

/** Finds what needs the entry of a storage, by the state and by what the server lists on it. */
export function usesOf(storage: string, { built, existing, content }: UseFacts): StorageUses {
  const volumes = content?.kind === "read" ? content.volumes : [];
  const owners = new Set([
    ...built.guests.filter((guest) => storagesOf(guest).includes(storage)).map(({ vmid }) => vmid),
    ...volumes.flatMap(({ vmid, ...volume }) => (isDisk(volume) && vmid !== undefined ? [vmid] : [])),
  ]);
  const guests = [...owners].sort((a, b) => a - b).flatMap((vmid) => guestWith(vmid, built, existing) ?? []);
  const readers = built.guests
    .filter(({ settings }) => settings.userData?.startsWith(`${storage}:`) === true)
    .flatMap(({ vmid }) => guestWith(vmid, built, existing) ?? []);
  const owned = new Set(guests.map(({ vmid }) => vmid));
  const others = volumes.filter((volume) => !isDisk(volume) || !owned.has(volume.vmid ?? 0));
  return {
    guests,
    readers,
    files: countFiles(others),
    unread: content?.kind === "unread" ? content.reason : undefined,
  };
}

/** `the disks of web (VMID 20010), the user data of build (VMID 20030), 2 backups` */
export function describeUses({ guests, readers, files, unread }: StorageUses): string {
  const list = (users: readonly UsingGuest[]) => users.map(({ name, vmid }) => `${name} (VMID ${vmid})`).join(", ");
  return [
    ...(guests.length === 0 ? [] : [`the disks of ${list(guests)}`]),
    ...(readers.length === 0 ? [] : [`the user data of ${list(readers)}`]),
    ...files,
    ...(unread === undefined ? [] : [`what the server does not tell (${unread})`]),
  ].join(", ");
}

/** Whether nothing at all needs the entry of a storage. */
export function isUnused({ guests, readers, files, unread }: StorageUses): boolean {
  return guests.length + readers.length + files.length === 0 && unread === undefined;
}

function storagesOf(guest: BuiltGuest): string[] {
  if (guest.kind === "machine") return guest.disks.map(({ storage }) => storage);
  return [...(guest.rootDisk === undefined ? [] : [guest.rootDisk]), ...(guest.mountPoints ?? [])].map(
    ({ storage }) => storage,
  );
}

function isDisk({ content }: Pick<StorageVolume, "content">): boolean {
  return content === "images" || content === "rootdir";
}

function guestWith(vmid: number, built: Built, existing: readonly ExistingGuest[]): UsingGuest | undefined {
  const own = built.guests.find((guest) => guest.vmid === vmid);
  const found = existing.find((guest) => guest.vmid === vmid);
  if (own === undefined && found === undefined) return undefined;
  const isContainer = found === undefined ? own?.kind === "container" : found.type === "lxc";
  return {
    name: own?.name ?? found?.name ?? "a guest",
    vmid,
    node: found?.node ?? own?.node ?? "",
    program: isContainer ? "pct" : "qm",
    running: found?.status === "running",
  };
}

const words: Readonly<Record<string, readonly [one: string, several: string]>> = {
  backup: ["backup", "backups"],
  iso: ["ISO image", "ISO images"],
  vztmpl: ["container template", "container templates"],
  import: ["disk image", "disk images"],
  snippets: ["snippet", "snippets"],
  images: ["disk of no guest", "disks of no guest"],
  rootdir: ["volume of no guest", "volumes of no guest"],
};

function countFiles(volumes: readonly StorageVolume[]): string[] {
  return [...new Set(volumes.map(({ content }) => content))].sort().map((content) => {
    const count = volumes.filter((volume) => volume.content === content).length;
    const [one, several] = words[content] ?? [`file (${content})`, `files (${content})`];
    return `${count} ${count === 1 ? one : several}`;
  });
}
