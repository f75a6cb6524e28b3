import { defineEndpoints } from "../endpoint.ts";
import { accessParameters } from "../parameters/access.ts";

/** Logging in, and what the one who asks may do. */
export const accessEndpoints = defineEndpoints(
  accessParameters,
  {
    "POST /access/ticket": ({ username, password, realm }, { world }) => {
      const { ticket, csrf, username: user } = world.access.login(username, password, realm);
      return { username: user, ticket, CSRFPreventionToken: csrf, clustername: world.state.name, cap: {} };
    },
    // Everyone is root so far: privileges come with users and roles.
    "GET /access/permissions": ({ path = "/" }) => ({
      [path]: { "Sys.Audit": 1, "Sys.Modify": 1, "VM.Allocate": 1, "VM.Audit": 1 },
    }),
  },
  { open: ["POST /access/ticket"] },
);
