// Facts from the API viewer of Proxmox VE 9.2.3: https://pve.proxmox.com/pve-docs/api-viewer/

/** What each endpoint of this area takes, by method and path. */
export const nodesParameters = {
  "GET /nodes": {},
  "GET /nodes/{node}/status": {
    node: { format: "pve-node", type: "string" },
  },
  "GET /nodes/{node}/version": {
    node: { format: "pve-node", type: "string" },
  },
  "GET /nodes/{node}/tasks": {
    errors: { optional: true, type: "boolean" },
    limit: { minimum: 0, optional: true, type: "integer" },
    node: { format: "pve-node", type: "string" },
    since: { optional: true, type: "integer" },
    source: { enum: ["archive", "active", "all"], optional: true, type: "string" },
    start: { minimum: 0, optional: true, type: "integer" },
    statusfilter: { format: "pve-task-status-type-list", optional: true, type: "string" },
    typefilter: { optional: true, type: "string" },
    until: { optional: true, type: "integer" },
    userfilter: { optional: true, type: "string" },
    vmid: { format: "pve-vmid", maximum: 999999999, minimum: 100, optional: true, type: "integer" },
  },
  "GET /nodes/{node}/tasks/{upid}/status": {
    node: { format: "pve-node", type: "string" },
    upid: { type: "string" },
  },
  "GET /nodes/{node}/tasks/{upid}/log": {
    download: { optional: true, type: "boolean" },
    limit: { minimum: 0, optional: true, type: "integer" },
    node: { format: "pve-node", type: "string" },
    start: { minimum: 0, optional: true, type: "integer" },
    upid: { type: "string" },
  },
} as const;
