import { removeAclOf } from "../access/acl.ts";
import { orFail } from "../access/failures.ts";
import { findOwn } from "../access/permissions.ts";
import { groupsInReach } from "../access/users.ts";
import { ApiError } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import type { AccessState } from "../state/access.ts";

/** Groups of users. */
export const accessGroupHandlers: Handlers = {
  "GET /access/groups": (_parameters, { world: { state }, session }) =>
    groupsInReach(state, session.user, ["User.Modify", "Sys.Audit", "Group.Allocate"])
      .sort()
      .map((groupid) => {
        const { comment, members } = findGroup(state.access, groupid);
        return { groupid, users: members.toSorted().join(","), ...(comment === undefined ? {} : { comment }) };
      }),
  "POST /access/groups": ({ groupid, comment }, { world }) =>
    orFail("create group failed", () => {
      const { groups } = world.state.access;
      if (findOwn(groups, groupid) !== undefined) throw new ApiError(500, `group '${groupid}' already exists`);
      groups[groupid] = { ...(comment ? { comment } : {}), members: [] };
      return null;
    }),
  "GET /access/groups/{groupid}": ({ groupid }, { world }) => {
    const { comment, members } = findGroup(world.state.access, groupid);
    return { members: members.toSorted(), ...(comment === undefined ? {} : { comment }) };
  },
  "PUT /access/groups/{groupid}": ({ groupid, comment }, { world }) =>
    orFail("update group failed", () => {
      const group = findGroup(world.state.access, groupid);
      if (comment === "") delete group.comment;
      else if (comment !== undefined) group.comment = comment;
      return null;
    }),
  "DELETE /access/groups/{groupid}": ({ groupid }, { world: { state } }) =>
    orFail("delete group failed", () => {
      findGroup(state.access, groupid);
      Reflect.deleteProperty(state.access.groups, groupid);
      removeAclOf(state.access, "group", groupid);
      return null;
    }),
};

function findGroup({ groups }: AccessState, groupid: string): AccessState["groups"][string] {
  const group = findOwn(groups, groupid);
  if (group === undefined) throw new ApiError(500, `group '${groupid}' does not exist`);
  return group;
}
