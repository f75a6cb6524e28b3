/** The version of Proxmox VE whose API this is. */
export const version = { version: "9.2.3", release: "9.2", repoid: "51597be6a8bc1a9c" } as const;
