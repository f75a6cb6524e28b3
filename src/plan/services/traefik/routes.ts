import type { Container } from "../../../inventory/containers.ts";
import type { Inventory } from "../../../inventory/inventory.ts";
import type { Machine } from "../../../inventory/machines.ts";
import { guestsOf, type NamedGuest } from "../../named-guests.ts";
import { dnsName } from "../dns-name.ts";
import { resolved } from "../../resolved.ts";
import { sortedSet } from "../../sorted.ts";

/** One name by which services are reached, and where requests to it go. */
export interface RoutePlan {
  /** Name of router and service: a guest's, or what its replicas have in common. */
  readonly name: string;
  readonly host: string;
  /** URLs of the guests that answer. */
  readonly servers: readonly string[];
  /** Present where they speak HTTPS: what is asked of their certificate. */
  readonly certificate?: CertificateCheck;
}

/** What is asked of the certificate of a guest that speaks HTTPS itself. */
export type CertificateCheck =
  | { readonly kind: "public" }
  | { readonly kind: "authority"; readonly authority: string }
  | { readonly kind: "unchecked" };

/** Whether the internet reaches a guest, or what stands beside it in the DMZ. */
export function standsOutside({ exposure, network }: Container | Machine, { networks }: Inventory): boolean {
  return exposure === "internet" || resolved(networks, network).zone === "dmz";
}

/** The Traefiks of our own networks, by name. */
export function internalTraefiks(inventory: Inventory): NamedGuest[] {
  return guestsOf(inventory).filter(({ guest }) => guest.runs === "traefik" && !standsOutside(guest, inventory));
}

/** The name by which a service is reached: `grafana.home.example.net`; replicas have one together. */
export function serviceHost({ name, guest }: Pick<NamedGuest, "guest" | "name">, inventory: Inventory): string {
  return dnsName(guest.replicaOf ?? name, inventory);
}

/** Every service of our own networks that is spoken to by HTTP. */
export function planInternalRoutes(inventory: Inventory): RoutePlan[] {
  return planRoutes(
    guestsOf(inventory).filter(({ guest }) => isRouted(guest, inventory)),
    inventory,
  );
}

/** Nothing but what a guest of the DMZ names as its backends. */
export function planDmzRoutes({ guest }: NamedGuest, inventory: Inventory): RoutePlan[] {
  const backends = sortedSet(guest.firewall?.backends ?? []);
  return planRoutes(
    guestsOf(inventory).filter(
      ({ name, guest: { service } }) => backends.includes(name) && service?.protocol !== "tcp",
    ),
    inventory,
  );
}

/** Where a browser finds each guest's service by its name, where a Traefik of our own networks leads there. */
export function planServiceUrls(inventory: Inventory): Record<string, string> {
  const traefiks = internalTraefiks(inventory);
  if (inventory.services.traefik === undefined || traefiks.length === 0) return {};
  return Object.fromEntries([
    ...guestsOf(inventory)
      .filter(({ guest }) => isRouted(guest, inventory))
      .map((named) => [named.name, `https://${serviceHost(named, inventory)}/`] as const),
    ...traefiks.map(({ name }) => [name, `https://${dashboardHost(name, inventory)}/`] as const),
  ]);
}

/** Each Traefik of our own networks has a name of its own, for its dashboard. */
export function dashboardHost(name: string, inventory: Inventory): string {
  return dnsName(name, inventory);
}

/** Kubernetes knows its clients by their certificates, which would end at a proxy. */
function isRouted(guest: Container | Machine, inventory: Inventory): boolean {
  const { service, runs } = guest;
  if (service === undefined || service.protocol === "tcp" || runs === "traefik") return false;
  return !("kind" in guest && guest.kind === "talos") && !standsOutside(guest, inventory);
}

function planRoutes(guests: readonly NamedGuest[], inventory: Inventory): RoutePlan[] {
  const names = sortedSet(guests.map(({ name, guest }) => guest.replicaOf ?? name));
  return names.flatMap((name) => {
    const members = guests.filter((named) => (named.guest.replicaOf ?? named.name) === name);
    const [first] = members;
    if (first === undefined) return [];
    const encrypted = members.find(({ guest }) => guest.service?.protocol === "https");
    return [
      {
        name,
        host: serviceHost(first, inventory),
        servers: members.map(({ guest }) => serverUrl(guest)),
        ...(encrypted === undefined ? {} : { certificate: certificateCheck(encrypted.name, inventory) }),
      },
    ];
  });
}

function serverUrl({ address, service }: Container | Machine): string {
  if (service === undefined) throw new Error(`${address} was not checked to have a service.`);
  return `${service.protocol}://${address}:${service.port}`;
}

function certificateCheck(name: string, { services }: Inventory): CertificateCheck {
  const backend = services.traefik?.backends[name];
  if (backend === undefined) return { kind: "public" };
  if (backend.certificate === "unchecked") return { kind: "unchecked" };
  return { kind: "authority", authority: backend.authority };
}
