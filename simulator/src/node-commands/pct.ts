import type { CommandTree } from "./command-tree.ts";
import { execInContainer, pullFile, pushFile, refuseTerminal } from "./guest-access.ts";
import { printConfig, printStatus } from "./guest-texts.ts";

interface Listed {
  readonly vmid: number;
  readonly status: string;
  readonly lock?: string;
  readonly name?: string;
}

/** `pct`: https://pve.proxmox.com/pve-docs/pct.1.html */
export const pctCommands: CommandTree = {
  clone: { endpoint: "POST /nodes/{node}/lxc/{vmid}/clone", operands: ["vmid", "newid"] },
  config: { endpoint: "GET /nodes/{node}/lxc/{vmid}/config", operands: ["vmid"], show: printConfig },
  console: refuseTerminal,
  create: { endpoint: "POST /nodes/{node}/lxc", operands: ["vmid", "ostemplate"] },
  delsnapshot: { endpoint: "DELETE /nodes/{node}/lxc/{vmid}/snapshot/{snapname}", operands: ["vmid", "snapname"] },
  destroy: { endpoint: "DELETE /nodes/{node}/lxc/{vmid}", operands: ["vmid"] },
  enter: refuseTerminal,
  exec: execInContainer,
  list: { endpoint: "GET /nodes/{node}/lxc", show: printList },
  listsnapshot: { endpoint: "GET /nodes/{node}/lxc/{vmid}/snapshot", operands: ["vmid"], show: "result" },
  migrate: { endpoint: "POST /nodes/{node}/lxc/{vmid}/migrate", operands: ["vmid", "target"] },
  "move-volume": { endpoint: "POST /nodes/{node}/lxc/{vmid}/move_volume", operands: ["vmid", "volume", "storage"] },
  pending: { endpoint: "GET /nodes/{node}/lxc/{vmid}/pending", operands: ["vmid"], show: "result" },
  pull: pullFile,
  push: pushFile,
  reboot: { endpoint: "POST /nodes/{node}/lxc/{vmid}/status/reboot", operands: ["vmid"] },
  resize: { endpoint: "PUT /nodes/{node}/lxc/{vmid}/resize", operands: ["vmid", "disk", "size"] },
  rollback: { endpoint: "POST /nodes/{node}/lxc/{vmid}/snapshot/{snapname}/rollback", operands: ["vmid", "snapname"] },
  set: { endpoint: "PUT /nodes/{node}/lxc/{vmid}/config", operands: ["vmid"] },
  shutdown: { endpoint: "POST /nodes/{node}/lxc/{vmid}/status/shutdown", operands: ["vmid"] },
  snapshot: { endpoint: "POST /nodes/{node}/lxc/{vmid}/snapshot", operands: ["vmid", "snapname"] },
  start: { endpoint: "POST /nodes/{node}/lxc/{vmid}/status/start", operands: ["vmid"] },
  status: { endpoint: "GET /nodes/{node}/lxc/{vmid}/status/current", operands: ["vmid"], show: printStatus },
  stop: { endpoint: "POST /nodes/{node}/lxc/{vmid}/status/stop", operands: ["vmid"] },
  template: { endpoint: "POST /nodes/{node}/lxc/{vmid}/template", operands: ["vmid"] },
};

function printList(guests: readonly Listed[]): string {
  if (guests.length === 0) return "";
  const row = (vmid: string, status: string, lock: string, name: string) =>
    `${vmid.padEnd(10)} ${status.padEnd(10)} ${lock.padEnd(12)} ${name.padEnd(20)}\n`;
  const sorted = [...guests].sort((a, b) => a.vmid - b.vmid);
  return [
    row("VMID", "Status", "Lock", "Name"),
    ...sorted.map(({ vmid, status, lock = "", name = "" }) => row(String(vmid), status, lock, name)),
  ].join("");
}
