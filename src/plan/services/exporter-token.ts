/** The token with which the exporter of Proxmox VE reads: bootstrap makes it, and the plan names it. */
export const exporterToken = { user: "homelab-exporter@pve", name: "prometheus" } as const;
