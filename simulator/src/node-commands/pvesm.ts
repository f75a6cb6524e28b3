import { pathOf } from "../storage/content.ts";
import { splitVolumeId } from "../world.ts";
import type { CommandTree, Site } from "./command-tree.ts";
import type { Call } from "../shell/machine.ts";
import { ApiError } from "../api-error.ts";
import { callEndpoint } from "../perform.ts";
import { splitList } from "../lists.ts";

interface Status {
  readonly storage: string;
  readonly type: string;
  readonly active: number;
  readonly enabled: number;
  readonly total: number;
  readonly used: number;
  readonly avail: number;
}

interface Content {
  readonly volid: string;
  readonly format: string;
  readonly content: string;
  readonly size: number;
  readonly vmid?: number;
}

/** `pvesm`: https://pve.proxmox.com/pve-docs/pvesm.1.html */
export const pvesmCommands: CommandTree = {
  add: { endpoint: "POST /storage", operands: ["type", "storage"] },
  alloc: {
    endpoint: "POST /nodes/{node}/storage/{storage}/content",
    operands: ["storage", "vmid", "filename", "size"],
    show: (volume: string) => `successfully created '${volume}'\n`,
  },
  apiinfo: ({ out }) => {
    out("APIVER 13\nAPIAGE 4\n");
    return 0;
  },
  free: freeVolume,
  list: { endpoint: "GET /nodes/{node}/storage/{storage}/content", operands: ["storage"], show: printContent },
  path: (call, { world, node }) => {
    const [id = ""] = call.args;
    const { storage, name } = splitVolumeId(id);
    const { config } = world.storage(node, storage);
    // It tells where a snippet would be, too.
    const path = /^snippets\/[^/]+$/.test(name)
      ? `${config["path"] ?? ""}/${name}`
      : pathOf(config, world.volume(node, id));
    call.out(`${path}\n`);
    return 0;
  },
  "prune-backups": { endpoint: "DELETE /nodes/{node}/storage/{storage}/prunebackups", operands: ["storage"] },
  remove: { endpoint: "DELETE /storage/{storage}", operands: ["storage"] },
  set: { endpoint: "PUT /storage/{storage}", operands: ["storage"] },
  status: { endpoint: "GET /nodes/{node}/storage", show: printStatus },
};

function freeVolume({ args, out }: Call, { world, node }: Site): number {
  const [id = ""] = splitList(args[0]);
  if (id === "") throw new ApiError(400, "not enough arguments");
  const { storage, name } = splitVolumeId(id);
  callEndpoint(world, "DELETE /nodes/{node}/storage/{storage}/content/{volume}", { node, storage, volume: name });
  out(`Removed volume '${id}'\n`);
  return 0;
}

function printStatus(storages: readonly Status[]): string {
  const sorted = [...storages].sort((a, b) => (a.storage < b.storage ? -1 : 1));
  const width = Math.max(4, ...sorted.map(({ storage }) => storage.length));
  const row = (name: string, type: string, status: string, numbers: readonly string[], share: string) =>
    `${name.padEnd(width)} ${type.padStart(10)} ${status.padStart(10)} ${numbers.map((text) => text.padStart(15)).join(" ")} ${share.padStart(8)}\n`;
  return [
    row("Name", "Type", "Status", ["Total (KiB)", "Used (KiB)", "Available (KiB)"], "%"),
    ...sorted.map(({ storage, type, active, enabled, total, used, avail }) =>
      row(
        storage,
        type,
        active === 1 ? "active" : enabled === 1 ? "inactive" : "disabled",
        [total, used, avail].map((bytes) => String(Math.trunc(bytes / 1024))),
        enabled === 1 ? `${(total === 0 ? 0 : (used / total) * 100).toFixed(2)}%` : "N/A",
      ),
    ),
  ].join("");
}

function printContent(volumes: readonly Content[]): string {
  const width = Math.max(5, ...volumes.map(({ volid }) => volid.length));
  const sizes = Math.max(4, ...volumes.map(({ size }) => String(size).length));
  const row = (volid: string, format: string, type: string, size: string, vmid: string) =>
    `${volid.padEnd(width)} ${format.padEnd(7)} ${type.padEnd(9)} ${size.padStart(sizes)} ${vmid}`.trimEnd() + "\n";
  return [
    row("Volid", "Format", "Type", "Size", "VMID"),
    ...volumes.map(({ volid, format, content, size, vmid }) =>
      row(volid, format, content, String(size), String(vmid ?? "")),
    ),
  ].join("");
}
