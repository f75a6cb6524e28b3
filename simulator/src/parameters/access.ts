// Facts from the API viewer of Proxmox VE 9.2.3: https://pve.proxmox.com/pve-docs/api-viewer/

/** What each endpoint of this area takes, by method and path. */
export const accessParameters = {
  "POST /access/ticket": {
    "new-format": { optional: true, type: "boolean" },
    otp: { optional: true, type: "string" },
    password: { type: "string" },
    path: { maxLength: 64, optional: true, type: "string" },
    privs: { format: "pve-priv-list", maxLength: 64, optional: true, type: "string" },
    realm: { format: "pve-realm", maxLength: 32, optional: true, type: "string" },
    "tfa-challenge": { optional: true, type: "string" },
    username: { maxLength: 64, type: "string" },
  },
  "GET /access/permissions": {
    path: { optional: true, type: "string" },
    userid: {
      optional: true,
      pattern: "^(?^:[^\\s:/]+)\\@(?^:[A-Za-z][A-Za-z0-9\\.\\-_]+)(?:!(?^:[A-Za-z][A-Za-z0-9\\.\\-_]+))?$",
      type: "string",
    },
  },
} as const;
