import type { Sections } from "./cluster.ts";

/** The targets for notifications that Proxmox comes with. */
export const builtInEndpoints: Sections = {
  "mail-to-root": {
    type: "sendmail",
    comment: "Send mails to root@pam's email address",
    "mailto-user": "root@pam",
    origin: "builtin",
  },
};

/** The rules for notifications that Proxmox comes with. */
export const builtInMatchers: Sections = {
  "default-matcher": {
    type: "matcher",
    comment: "Route all notifications to mail-to-root",
    mode: "all",
    target: "mail-to-root",
    origin: "builtin",
  },
};
