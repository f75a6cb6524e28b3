// Facts from the API viewer of Proxmox VE 9.2.3: https://pve.proxmox.com/pve-docs/api-viewer/

/** What each endpoint of this area takes, by method and path. */
export const clusterParameters = {
  "GET /version": {},
  "GET /cluster/resources": {
    type: { enum: ["vm", "storage", "node", "sdn"], optional: true, type: "string" },
  },
  "GET /cluster/status": {},
  "GET /cluster/nextid": {
    vmid: { format: "pve-vmid", maximum: 999999999, minimum: 100, optional: true, type: "integer" },
  },
  "GET /cluster/tasks": {},
  "GET /pools": {
    poolid: { format: "pve-poolid", optional: true, type: "string" },
    type: { enum: ["qemu", "lxc", "storage"], optional: true, type: "string" },
  },
  "GET /pools/{poolid}": {
    poolid: { format: "pve-poolid", type: "string" },
    type: { enum: ["qemu", "lxc", "storage"], optional: true, type: "string" },
  },
} as const;
