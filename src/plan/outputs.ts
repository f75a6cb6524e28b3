import type { Container } from "../inventory/containers.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Machine } from "../inventory/machines.ts";
import type { BackupJobPlan } from "./backups.ts";
import type { GuestPlan } from "./guests.ts";
import { guestsOf } from "./named-guests.ts";
import { planServiceUrls, standsOutside } from "./services/traefik/routes.ts";
import { sortedEntries } from "./sorted.ts";

/** What a stack tells about one guest. */
export interface GuestOutputPlan {
  readonly kind: "container" | "machine";
  readonly vmid: number;
  readonly node: string;
  /** Address with prefix length. */
  readonly address: string;
  /** Where its service answers, for services that a browser can open. */
  readonly url?: string;
}

/** What a stack tells about one storage. */
export interface StorageOutputPlan {
  readonly type: "cifs" | "dir" | "nfs" | "zfspool";
  readonly nodes: readonly string[];
  readonly content: readonly string[];
}

/** One backup that a guest gets. */
export interface BackupCoveragePlan {
  readonly job: string;
  readonly storage: string;
  readonly schedule: string;
}

/** What the stack tells when all is built. */
export interface OutputsPlan {
  readonly guests: Readonly<Record<string, GuestOutputPlan>>;
  readonly urls: Readonly<Record<string, string>>;
  readonly storages: Readonly<Record<string, StorageOutputPlan>>;
  readonly backupCoverage: Readonly<Record<string, readonly BackupCoveragePlan[]>>;
}

/** The parts of the plan that the outputs tell of. */
export interface Planned {
  readonly guests: readonly GuestPlan[];
  readonly storages: readonly (StorageOutputPlan & { readonly name: string })[];
  readonly backups: readonly BackupJobPlan[];
}

/** Decides what the stack tells. */
export function planOutputs(inventory: Inventory, { guests, storages, backups }: Planned): OutputsPlan {
  const urls = planUrls(inventory);
  const kinds = new Map(guestsOf(inventory).map(({ name, kind }) => [name, kind]));
  const byName = [...guests].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    guests: Object.fromEntries(
      byName.map(({ name, vmid, node, network }) => {
        const url = urls[name];
        const kind = kinds.get(name) === "machines" ? "machine" : "container";
        return [name, { kind, vmid, node, address: network.address, ...(url === undefined ? {} : { url }) }];
      }),
    ),
    urls,
    storages: Object.fromEntries(storages.map(({ name, type, nodes, content }) => [name, { type, nodes, content }])),
    backupCoverage: Object.fromEntries(byName.map((guest) => [guest.name, coverage(guest, backups)])),
  };
}

/** By name where a proxy leads there, else by address. */
function planUrls(inventory: Inventory): Record<string, string> {
  const named = planServiceUrls(inventory);
  return Object.fromEntries(
    sortedEntries({ ...inventory.containers, ...inventory.machines }).flatMap(([name, guest]) => {
      const url = named[name] ?? (answersNamesOnly(guest, inventory) ? undefined : addressUrl(guest));
      return url === undefined ? [] : [[name, url]];
    }),
  );
}

/** A proxy in the DMZ has nothing for who asks for its address. */
function answersNamesOnly(guest: Container | Machine, inventory: Inventory): boolean {
  return guest.runs === "traefik" && inventory.services.traefik !== undefined && standsOutside(guest, inventory);
}

function addressUrl({ address, service }: Container | Machine): string | undefined {
  if (service === undefined || service.protocol === "tcp") return undefined;
  const usual = { http: 80, https: 443 }[service.protocol] === service.port;
  return `${service.protocol}://${address}${usual ? "" : `:${service.port}`}/`;
}

function coverage({ node, vmid }: GuestPlan, backups: readonly BackupJobPlan[]): BackupCoveragePlan[] {
  return backups
    .filter((job) => job.node === node && !job.exclude.includes(vmid))
    .map(({ job, storage, schedule }) => ({ job, storage, schedule }));
}
