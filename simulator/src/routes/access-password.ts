import { checkPassword } from "../access/authentication.ts";
import { storePassword } from "../access/passwords.ts";
import { administrator, permissionError } from "../access/permissions.ts";
import { checkUserEnabled, findUser, parseUserId } from "../access/users.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import type { World } from "../world.ts";

/** Passwords. */
export const accessPasswordHandlers: Handlers = {
  "PUT /access/password": ({ userid, password, "confirmation-password": confirmation }, { world, session }) => {
    const { access } = world.state;
    findUser(access, userid);
    if (session.user !== administrator) {
      if (userid === administrator) throw permissionError();
      confirm(world, session.user, confirmation);
      if (session.user === userid) checkUserEnabled(access, userid, world.seconds());
      // System users are changed by the administrator, or by themselves.
      else if (parseUserId(userid).realm === "pam") throw permissionError();
    }
    storePassword(access, userid, password);
    return null;
  },
};

/** Has whoever is logged in prove it once more. */
function confirm({ state }: World, userid: string, password: string | undefined): void {
  if (password === undefined) {
    throw invalidParameters({ "confirmation-password": "password is required to modify user" });
  }
  if (checkPassword(state.access, userid, password)) return;
  throw new ApiError(500, parseUserId(userid).realm === "pam" ? "Authentication failure" : "invalid credentials");
}
