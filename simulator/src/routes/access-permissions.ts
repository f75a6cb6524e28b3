import { describePermissions, effectivePermissions } from "../access/capabilities.ts";
import type { Handlers } from "../handlers.ts";
import { ownerOf } from "../state/access.ts";

/** What users and tokens may do. */
export const accessPermissionHandlers: Handlers = {
  "GET /access/permissions": ({ path, userid: asked }, { world, session }) => {
    const userid = asked ?? session.user;
    const isOwn = userid === session.user || (userid !== ownerOf(userid) && ownerOf(userid) === session.user);
    if (!isOwn) world.require(session, "/access", "Sys.Audit");
    return path
      ? { [path]: describePermissions(world.state, userid, path) }
      : effectivePermissions(world.state, userid);
  },
};
