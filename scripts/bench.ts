import { parseArgs } from "node:util";
import { mostGuests } from "./bench/add-guests.ts";
import { readMachine, renderMachine } from "./bench/machine.ts";
import { measureInventory, type InventoryFigures } from "./bench/measure.ts";
import { benchPeer } from "./bench/peer/bench-peer.ts";
import { MissingPeerError } from "./bench/peer/find-peer.ts";
import { mostContainers } from "./bench/peer/plain-inventory.ts";
import { legend, renderFigures } from "./bench/render-figures.ts";

const usage = `Measures the life of the homelab on a simulated Proxmox VE, with the real engine and provider: preview, up, a preview
that finds nothing, refresh and destroy. First the inventory as it is shipped, then with more guests. Guests only get SSH keys.

npm run bench -- [options]

  --guests LIST  how many guests the generated inventories have (default: 100,500; 0 measures what is shipped only)
  --services     sets up what is in guests, too: some more commands over SSH for each of them
  --json         prints the figures for programs
  --help

npm run bench -- --peer [options]

Compares this project with OpenTofu and the same provider. Both make the same plain containers, each on a simulator of its
own, and take turns. Without tofu or the provider, the error says how to build them.

  --guests LIST    how many containers there are (default: 20,100)
  --rounds NUMBER  how often everything is measured; the table shows medians (default: 3)
  --tofu FILE      OpenTofu (default: tofu on PATH)
  --provider FILE  bpg's provider (default: terraform-provider-proxmox on PATH)
  --json           prints the figures for programs
`;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      guests: { type: "string" },
      services: { type: "boolean", default: false },
      peer: { type: "boolean", default: false },
      rounds: { type: "string", default: "3" },
      tofu: { type: "string" },
      provider: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { peer, services, json, tofu, provider, guests = peer ? "20,100" : "100,500" } = values;
  const most = peer ? mostContainers : mostGuests;
  const sizes = guests === "0" && !peer ? [] : guests.split(",").map(Number);
  const rounds = Number(values.rounds);
  if (values.help) process.stdout.write(usage);
  else if (!sizes.every((size) => isCount(size, most))) {
    refuse(`--guests ${guests}: write numbers from 1 to ${most}, separated by commas, such as --guests 20,100.`);
  } else if (!isCount(rounds, 100)) {
    refuse(`--rounds ${values.rounds}: write a number from 1 to 100, such as --rounds 3.`);
  } else if (peer && services) {
    refuse("--services cannot be used with --peer: OpenTofu sets up nothing in guests.");
  } else if (!peer) await bench(sizes, services, json);
  else await benchPeer({ sizes, rounds, tofu, provider, json }).catch(refuseMissing);
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

function refuse(problem: string): void {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
}

function refuseMissing(error: unknown): void {
  if (!(error instanceof MissingPeerError)) throw error;
  refuse(error.message);
}

async function bench(sizes: readonly number[], services: boolean, json: boolean): Promise<void> {
  const machine = readMachine();
  const inventories: InventoryFigures[] = [];
  if (!json) process.stdout.write(`${renderMachine(machine)}\n`);
  for (const guests of [undefined, ...sizes]) {
    const figures = await measureInventory({ guests, services }, (text) => process.stderr.write(`${text}\n`));
    inventories.push(figures);
    if (!json) process.stdout.write(`\n${renderFigures(figures)}`);
  }
  process.stdout.write(json ? `${JSON.stringify({ machine, inventories }, null, 2)}\n` : `\n${legend}`);
}
