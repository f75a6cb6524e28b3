import type { Simulator } from "@proxmox-homelab/simulator";

/** Where the containers of the tests are. */
export const containers = "/nodes/pve-01/lxc";

/** A container as tests make it. */
export const grafana = {
  vmid: "101",
  hostname: "grafana",
  ostemplate: "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst",
  rootfs: "local-zfs:8",
  net0: "name=eth0,bridge=vmbr0,ip=10.20.0.10/24,gw=10.20.0.1",
};

/** The log of the latest task of a type. */
export async function logOf(simulator: Simulator, type: string, node = "pve-01"): Promise<string[]> {
  const tasks = await simulator.request<{ upid: string }[]>("GET", `/nodes/${node}/tasks`, { typefilter: type });
  const lines = await simulator.request<{ t: string }[]>("GET", `/nodes/${node}/tasks/${tasks[0]?.upid ?? ""}/log`, {
    limit: "0",
  });
  return lines.map(({ t }) => t);
}

/** The text of a file in a guest. */
export function textIn(simulator: Simulator, vmid: number, path: string): string {
  return Buffer.from(simulator.state.guests[vmid]?.inside.files[path]?.content ?? "", "base64").toString();
}
