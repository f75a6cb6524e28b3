import type { Deployment } from "../adopt/engine-files.ts";
import { nameOf, typeOf } from "../adopt/sort-resources.ts";
import type { BuiltGuest } from "./built.ts";

/** The components that a guest has, each with its resources as children. */
const components = /^homelab:(?:guest:(?:Container|VirtualMachine)|network:GuestFirewall|services:Provisioning)$/;

/** Finds all that a state has of guests: the guests themselves, their snippets, firewalls and steps. */
export function urnsOfGuests({ deployment: { resources } }: Deployment, guests: readonly BuiltGuest[]): string[] {
  const names = new Set(guests.map(({ urn }) => nameOf(urn)));
  const own = new Set(
    resources.map(({ urn }) => urn).filter((urn) => components.test(typeOf(urn)) && names.has(nameOf(urn))),
  );
  return resources
    .filter(({ urn, parent }) => own.has(urn) || (typeof parent === "string" && own.has(parent)))
    .map(({ urn }) => urn);
}
