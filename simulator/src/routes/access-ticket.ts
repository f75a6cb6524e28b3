import { normalizePath } from "../access/acl.ts";
import { checkPassword } from "../access/authentication.ts";
import { capabilitiesOf } from "../access/capabilities.ts";
import { administrator, requirePrivileges } from "../access/permissions.ts";
import { checkUserEnabled, lookUpUserId } from "../access/users.ts";
import { ApiError } from "../api-error.ts";
import type { Handlers, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { World } from "../world.ts";

/** Logging in. */
export const accessTicketHandlers: Handlers = {
  "GET /access/ticket": () => null,
  "POST /access/ticket": (parameters, { world }) => {
    const { state } = world;
    const { username, realm } = parameters;
    const userid = lookUpUserId(state.access, realm ? `${username}@${realm}` : username);
    const answer = orUnauthorized(() => {
      checkUserEnabled(state.access, userid, world.seconds());
      return logIn(world, userid, parameters);
    });
    return {
      username: userid,
      ...answer,
      cap: capabilitiesOf(state, userid),
      ...(world.may({ user: userid }, "/", "Sys.Audit") ? { clustername: state.name } : {}),
    };
  },
};

/** Checks the password, or the ticket in its place, and with `path` and `privs` only whether the user has these. */
function logIn(
  world: World,
  userid: string,
  { password, otp, path, privs, "tfa-challenge": challenge }: Parameters<"POST /access/ticket">,
): object {
  if (challenge !== undefined) throw new ApiError(401, "bad ticket");
  const ticketUser = world.tickets.verify(password, world.seconds());
  const verifying = Boolean(path) && Boolean(privs);
  // The administrator's ticket opens the doors of others.
  const isValidTicket = ticketUser === userid || (ticketUser === administrator && !verifying);
  if (!isValidTicket) {
    if (!checkPassword(world.state.access, userid, password)) throw new ApiError(401, "invalid credentials");
    if (otp !== undefined) throw new ApiError(401, "no such challenge");
  }
  if (!verifying) {
    const { ticket, csrf } = world.tickets.issue(userid, world.seconds());
    return { ticket, CSRFPreventionToken: csrf };
  }
  requirePrivileges(world.state, userid, normalizePath(path ?? "") ?? "", splitList(privs));
  return {};
}

/** Says nothing of why: that would help those who try names. */
function orUnauthorized<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError) throw new ApiError(401, "authentication failure");
    throw error;
  }
}
