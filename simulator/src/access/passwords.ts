import { ApiError } from "../api-error.ts";
import type { AccessState } from "../state/access.ts";
import { findOwn } from "./permissions.ts";
import { findUser, parseUserId } from "./users.ts";

/** Sets a user's password where the realm keeps it: with Proxmox itself, or with Linux. */
export function storePassword(access: AccessState, userid: string, password: string): void {
  const { name, realm } = parseUserId(userid);
  const type = findOwn(access.realms, realm)?.["type"];
  if (type === undefined) throw new ApiError(500, `auth domain '${realm}' does not exist`);
  if (type !== "pam" && type !== "pve") throw new ApiError(500, `can't set password on auth type '${type}'`);
  // Of the users of Linux a fresh node has no other whom one would log in as.
  if (type === "pam" && name !== "root") {
    throw new ApiError(500, `change password failed: user '${name}' does not exist`);
  }
  findUser(access, userid).password = password;
}
