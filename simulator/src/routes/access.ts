import { permissionsOn } from "../access/permissions.ts";
import type { Handlers } from "../handlers.ts";

/** Logging in, and what the one who asks may do. */
export const accessHandlers: Handlers = {
  "POST /access/ticket": ({ username, password, realm }, { world }) => {
    const {
      ticket,
      csrf,
      username: user,
    } = world.tickets.login(world.state.access, world.seconds(), username, password, realm);
    return { username: user, ticket, CSRFPreventionToken: csrf, clustername: world.state.name };
  },
  "GET /access/permissions": ({ path = "/" }, { world, session }) => ({
    [path]: Object.fromEntries(
      [...permissionsOn(world.state, session.user, path)].map(([name, propagate]) => [name, propagate ? 1 : 0]),
    ),
  }),
};
