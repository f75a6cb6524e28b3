import type { Simulator } from "@proxmox-homelab/simulator";

/** The virtual machines of the first node. */
export const machines = "/nodes/pve-01/qemu";

/** A machine with one disk and nothing on it. */
export const web = {
  vmid: "100",
  name: "web",
  memory: "2048",
  cores: "2",
  ostype: "l26",
  scsihw: "virtio-scsi-single",
  scsi0: "local-zfs:8,iothread=1,discard=on",
  net0: "virtio,bridge=vmbr0,tag=20,firewall=1",
} as const;

/** A machine with a cloud image's system, cloud-init and an agent. */
export const cloud = {
  vmid: "100",
  name: "web",
  memory: "2048",
  ostype: "l26",
  agent: "enabled=1",
  scsi0: "local-zfs:0,import-from=local:import/debian-13-genericcloud-amd64.qcow2",
  ide2: "local-zfs:cloudinit",
  net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20",
  ipconfig0: "ip=10.20.0.30/24,gw=10.20.0.1",
} as const;

const image = "import/debian-13-genericcloud-amd64.qcow2";

/** Gives the first node a cloud image, an ISO file and a snippet. */
export function addImages(simulator: Simulator, snippet = ""): void {
  simulator.change(({ storages, volumes }) => {
    const { local } = storages;
    if (local !== undefined) local.config["content"] = "backup,images,import,iso,snippets,vztmpl";
    const created = 1_760_000_000;
    Object.assign(volumes["pve-01/local"] ?? {}, {
      [image]: { name: image, content: "import", format: "qcow2", size: 420_000_000, created },
      "iso/debian.iso": { name: "iso/debian.iso", content: "iso", format: "iso", size: 663 * 2 ** 20, created },
      "snippets/user.yaml": {
        name: "snippets/user.yaml",
        content: "snippets",
        format: "snippet",
        size: snippet.length,
        created,
        data: Buffer.from(snippet).toString("base64"),
      },
    });
  });
}

/** The configuration of a machine, as a client gets it. */
export function configOf(
  simulator: Simulator,
  vmid = 100,
  query: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  return simulator.request("GET", `${machines}/${vmid}/config`, query);
}

/** The names of the volumes of a storage of the first node. */
export async function volumesOn(simulator: Simulator, storage: string): Promise<string[]> {
  const volumes = await simulator.request<{ volid: string }[]>("GET", `/nodes/pve-01/storage/${storage}/content`);
  return volumes.map(({ volid }) => volid).sort();
}
