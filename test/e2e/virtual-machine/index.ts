import { Provider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import { Config } from "@pulumi/pulumi";

interface SshSetting {
  readonly nodes: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
}

const config = new Config();
const { nodes } = config.requireObject<SshSetting>("ssh");
const provider = new Provider("proxmox", {
  endpoint: config.require("endpoint"),
  apiToken: config.requireSecret("apiToken"),
  ssh: { username: "root", nodes: Object.entries(nodes).map(([name, { address, port }]) => ({ name, address, port })) },
});

const machine = new VmLegacy(
  "web",
  {
    nodeName: "pve-01",
    vmId: 100,
    name: "web",
    description: "made by a test",
    tags: ["homelab", "web"],
    agent: { enabled: true },
    bios: "ovmf",
    cpu: { cores: 2, type: "x86-64-v2-AES" },
    memory: { dedicated: config.getNumber("memory") ?? 2048 },
    machine: "q35",
    operatingSystem: { type: "l26" },
    scsiHardware: "virtio-scsi-single",
    efiDisk: { datastoreId: "local-zfs", type: "4m" },
    disks: [
      {
        interface: "scsi0",
        datastoreId: "local-zfs",
        importFrom: "local:import/debian-13-genericcloud-amd64.qcow2",
        size: 20,
        iothread: true,
        discard: "on",
      },
    ],
    initialization: {
      datastoreId: "local-zfs",
      dns: { servers: ["10.20.0.1"] },
      ipConfigs: [{ ipv4: { address: "10.20.0.30/24", gateway: "10.20.0.1" } }],
      userDataFileId: "local:snippets/web.yaml",
    },
    networkDevices: [{ bridge: "vmbr0", vlanId: 20 }],
    serialDevices: [{}],
  },
  // Its speed differs at each look: https://github.com/muhlba91/pulumi-proxmoxve
  { provider, ignoreChanges: ["disks[0].speed"] },
);

/** The addresses that the agent tells. */
export const addresses = machine.ipv4Addresses;
