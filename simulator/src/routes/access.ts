import type { Handlers } from "../handlers.ts";
import { accessAclHandlers } from "./access-acl.ts";
import { accessGroupHandlers } from "./access-groups.ts";
import { accessPasswordHandlers } from "./access-password.ts";
import { accessPermissionHandlers } from "./access-permissions.ts";
import { accessRealmHandlers } from "./access-realms.ts";
import { accessRoleHandlers } from "./access-roles.ts";
import { accessTfaHandlers } from "./access-tfa.ts";
import { accessTicketHandlers } from "./access-ticket.ts";
import { accessTokenHandlers } from "./access-tokens.ts";
import { accessUserHandlers } from "./access-users.ts";

const folders = ["users", "groups", "roles", "acl", "domains", "openid", "tfa", "ticket", "password"];

/** Who there is and who may do what. */
export const accessHandlers: Handlers = {
  // Not everything that is there: two endpoints are left out, as on a real node.
  "GET /access": () => folders.map((subdir) => ({ subdir })),
  ...accessAclHandlers,
  ...accessGroupHandlers,
  ...accessPasswordHandlers,
  ...accessPermissionHandlers,
  ...accessRealmHandlers,
  ...accessRoleHandlers,
  ...accessTfaHandlers,
  ...accessTicketHandlers,
  ...accessTokenHandlers,
  ...accessUserHandlers,
};
