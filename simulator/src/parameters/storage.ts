// Facts from the API viewer of Proxmox VE 9.2.3: https://pve.proxmox.com/pve-docs/api-viewer/

/** What each endpoint of this area takes, by method and path. */
export const storageParameters = {
  "GET /storage": {
    type: {
      enum: [
        "btrfs",
        "cephfs",
        "cifs",
        "dir",
        "esxi",
        "iscsi",
        "iscsidirect",
        "lvm",
        "lvmthin",
        "nfs",
        "pbs",
        "rbd",
        "zfs",
        "zfspool",
      ],
      optional: true,
      type: "string",
    },
  },
  "GET /storage/{storage}": {
    storage: { format: "pve-storage-id", type: "string" },
  },
  "GET /nodes/{node}/storage": {
    content: { format: "pve-storage-content-list", optional: true, type: "string" },
    enabled: { optional: true, type: "boolean" },
    format: { optional: true, type: "boolean" },
    node: { format: "pve-node", type: "string" },
    storage: { format: "pve-storage-id", optional: true, type: "string" },
    target: { format: "pve-node", optional: true, type: "string" },
  },
  "GET /nodes/{node}/storage/{storage}/status": {
    node: { format: "pve-node", type: "string" },
    storage: { format: "pve-storage-id", type: "string" },
  },
  "GET /nodes/{node}/storage/{storage}/content": {
    content: { format: "pve-storage-content", optional: true, type: "string" },
    node: { format: "pve-node", type: "string" },
    storage: { format: "pve-storage-id", type: "string" },
    vmid: { format: "pve-vmid", maximum: 999999999, minimum: 100, optional: true, type: "integer" },
  },
} as const;
