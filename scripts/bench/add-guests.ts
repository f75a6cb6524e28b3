import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { loadInventory } from "../../src/inventory/load.ts";

// A network with room for all of them: 999 host parts are what VMIDs can be derived from.
const network = `
bench: { vlan: 100, subnet: 10.100.0.0/22, gateway: 10.100.3.254, dns: [10.100.3.254], zone: internal }
`;

/** The most guests that a generated inventory can have. */
export const mostGuests = 900;

/**
 * Adds small guests to the inventory of a project, until there are as many as asked for.
 *
 * Every fifth is a virtual machine, and every third is on the smaller node; everything that is shipped stays.
 */
export function addGuests(project: string, total: number): void {
  const { containers, machines } = loadInventory(project);
  const missing = total - Object.keys(containers).length - Object.keys(machines).length;
  const added = Array.from({ length: Math.max(missing, 0) }, (_, index) => index + 1);
  const isMachine = (number: number) => number % 5 === 0;
  append(project, "networks", [network]);
  append(
    project,
    "containers",
    added.filter((number) => !isMachine(number)).map((number) => renderContainer(number)),
  );
  append(project, "machines", added.filter(isMachine).map(renderMachine));
}

function append(project: string, file: string, texts: readonly string[]): void {
  appendFileSync(join(project, `config/homelab/${file}.yaml`), texts.join(""));
}

function renderContainer(number: number): string {
  return `
bench-${number}:
  image: debian-13-container
  memory: 32 MiB
  disk: { storage: local-zfs, size: 1 GiB }
${renderPlace(number)}`;
}

function renderMachine(number: number): string {
  return `
bench-${number}:
  kind: cloud
  image: debian-13-cloud
  needs: [isolation]
  memory: 64 MiB
  disk: { storage: local-zfs, size: 4 GiB }
${renderPlace(number)}`;
}

function renderPlace(number: number): string {
  return `  node: ${number % 3 === 0 ? "pve-02" : "pve-01"}
  disposable: true
  network: bench
  address: 10.100.${Math.floor(number / 256)}.${number % 256}
  cores: 1
`;
}
