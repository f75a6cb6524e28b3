import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { mostGuests } from "./bench/add-guests.ts";
import { measureInventory, type InventoryFigures } from "./bench/measure.ts";
import { legend, renderFigures } from "./bench/render-figures.ts";
import { readToolchain } from "./stack-environment.ts";

const usage = `Measures the life of the homelab on a simulated Proxmox VE, with the real engine and provider: preview, up, a preview
that finds nothing, refresh and destroy. First the inventory as it is shipped, then with more guests. Guests come up empty.

npm run bench -- [options]

  --guests LIST  how many guests the generated inventories have (default: 100,500; 0 measures what is shipped only)
  --services     sets up what is in guests, too: some more commands over SSH for each of them
  --json         prints the figures for programs
  --help
`;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      guests: { type: "string", default: "100,500" },
      services: { type: "boolean", default: false },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const sizes = values.guests === "0" ? [] : values.guests.split(",").map(Number);
  if (values.help) process.stdout.write(usage);
  else if (sizes.every((size) => Number.isInteger(size) && size >= 1 && size <= mostGuests)) {
    await bench(sizes, values.services, values.json === true);
  } else {
    process.stderr.write(
      `--guests ${values.guests} is no list of numbers from 1 to ${mostGuests}. Write for example --guests 100,500.\n`,
    );
    process.exitCode = 2;
  }
}

async function bench(sizes: readonly number[], services: boolean, json: boolean): Promise<void> {
  const [processor] = cpus();
  const machine = {
    processors: cpus().length,
    model: processor?.model ?? "unknown",
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    pulumi: readToolchain().version,
  };
  const inventories: InventoryFigures[] = [];
  const { processors, model, memoryGib, node, pulumi } = machine;
  if (!json) {
    process.stdout.write(
      `${processors} processors (${model}), ${memoryGib} GiB of memory, Node.js ${node}, Pulumi ${pulumi}\n`,
    );
  }
  for (const guests of [undefined, ...sizes]) {
    const figures = await measureInventory({ guests, services }, (text) => process.stderr.write(`${text}\n`));
    inventories.push(figures);
    if (!json) process.stdout.write(`\n${renderFigures(figures)}`);
  }
  process.stdout.write(json ? `${JSON.stringify({ machine, inventories }, null, 2)}\n` : `\n${legend}`);
}
