/** The token with which the exporter of Proxmox VE reads; user and token need the role PVEAuditor on /. */
export const exporterToken = { user: "homelab-exporter@pve", name: "prometheus" } as const;
