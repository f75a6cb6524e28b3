import type { CommandTree } from "./command-tree.ts";
import { askAgent, execInMachine, showExecution } from "./agent-access.ts";
import { refuseTerminal } from "./guest-access.ts";
import { printConfig, printStatus } from "./guest-texts.ts";
import { importDisk } from "./import-disk.ts";

interface Listed {
  readonly vmid: number;
  readonly name?: string;
  readonly status: string;
  readonly maxmem?: number;
  readonly maxdisk?: number;
  readonly pid?: number;
}

/** `qm`: https://pve.proxmox.com/pve-docs/qm.1.html */
export const qmCommands: CommandTree = {
  agent: askAgent,
  clone: { endpoint: "POST /nodes/{node}/qemu/{vmid}/clone", operands: ["vmid", "newid"] },
  "cloudinit dump": {
    endpoint: "GET /nodes/{node}/qemu/{vmid}/cloudinit/dump",
    operands: ["vmid", "type"],
    show: "result",
  },
  "cloudinit pending": { endpoint: "GET /nodes/{node}/qemu/{vmid}/cloudinit", operands: ["vmid"], show: "result" },
  "cloudinit update": { endpoint: "PUT /nodes/{node}/qemu/{vmid}/cloudinit", operands: ["vmid"] },
  config: { endpoint: "GET /nodes/{node}/qemu/{vmid}/config", operands: ["vmid"], show: printConfig },
  create: { endpoint: "POST /nodes/{node}/qemu", operands: ["vmid"] },
  delsnapshot: { endpoint: "DELETE /nodes/{node}/qemu/{vmid}/snapshot/{snapname}", operands: ["vmid", "snapname"] },
  destroy: { endpoint: "DELETE /nodes/{node}/qemu/{vmid}", operands: ["vmid"] },
  "disk import": importDisk,
  "disk move": { endpoint: "POST /nodes/{node}/qemu/{vmid}/move_disk", operands: ["vmid", "disk", "storage"] },
  "disk resize": { endpoint: "PUT /nodes/{node}/qemu/{vmid}/resize", operands: ["vmid", "disk", "size"] },
  "disk unlink": { endpoint: "PUT /nodes/{node}/qemu/{vmid}/unlink", operands: ["vmid"] },
  "guest cmd": askAgent,
  "guest exec": execInMachine,
  "guest exec-status": showExecution,
  importdisk: importDisk,
  list: { endpoint: "GET /nodes/{node}/qemu", show: printList },
  listsnapshot: { endpoint: "GET /nodes/{node}/qemu/{vmid}/snapshot", operands: ["vmid"], show: "result" },
  migrate: { endpoint: "POST /nodes/{node}/qemu/{vmid}/migrate", operands: ["vmid", "target"] },
  monitor: refuseTerminal,
  pending: { endpoint: "GET /nodes/{node}/qemu/{vmid}/pending", operands: ["vmid"], show: "result" },
  reboot: { endpoint: "POST /nodes/{node}/qemu/{vmid}/status/reboot", operands: ["vmid"] },
  reset: { endpoint: "POST /nodes/{node}/qemu/{vmid}/status/reset", operands: ["vmid"] },
  resize: { endpoint: "PUT /nodes/{node}/qemu/{vmid}/resize", operands: ["vmid", "disk", "size"] },
  resume: { endpoint: "POST /nodes/{node}/qemu/{vmid}/status/resume", operands: ["vmid"] },
  rollback: { endpoint: "POST /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback", operands: ["vmid", "snapname"] },
  set: { endpoint: "PUT /nodes/{node}/qemu/{vmid}/config", operands: ["vmid"] },
  shutdown: { endpoint: "POST /nodes/{node}/qemu/{vmid}/status/shutdown", operands: ["vmid"] },
  snapshot: { endpoint: "POST /nodes/{node}/qemu/{vmid}/snapshot", operands: ["vmid", "snapname"] },
  start: { endpoint: "POST /nodes/{node}/qemu/{vmid}/status/start", operands: ["vmid"] },
  status: { endpoint: "GET /nodes/{node}/qemu/{vmid}/status/current", operands: ["vmid"], show: printStatus },
  stop: { endpoint: "POST /nodes/{node}/qemu/{vmid}/status/stop", operands: ["vmid"] },
  suspend: { endpoint: "POST /nodes/{node}/qemu/{vmid}/status/suspend", operands: ["vmid"] },
  template: { endpoint: "POST /nodes/{node}/qemu/{vmid}/template", operands: ["vmid"] },
  terminal: refuseTerminal,
};

function printList(guests: readonly Listed[]): string {
  if (guests.length === 0) return "";
  const row = (...[vmid = "", name = "", status = "", memory = "", disk = "", pid = ""]: readonly string[]) =>
    `${vmid.padStart(10)} ${name.padEnd(20)} ${status.padEnd(10)} ${memory.padEnd(10)} ${disk.padStart(12)} ${pid.padEnd(10)}\n`;
  const rows = [...guests]
    .sort((a, b) => a.vmid - b.vmid)
    .map(({ vmid, name = "", status, maxmem = 0, maxdisk = 0, pid = 0 }) =>
      row(String(vmid), name, status, String(maxmem / 2 ** 20), (maxdisk / 2 ** 30).toFixed(2), String(pid)),
    );
  return [row("VMID", "NAME", "STATUS", "MEM(MB)", "BOOTDISK(GB)", "PID"), ...rows].join("");
}
