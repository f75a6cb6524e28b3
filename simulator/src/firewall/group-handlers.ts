import { ApiError, invalidParameters } from "../api-error.ts";
import type { Handlers } from "../handlers.ts";
import { digestOf } from "../section-config.ts";
import type { ClusterFirewall, FirewallRule } from "../state/cluster.ts";
import type { World } from "../world.ts";
import type { Level, RuleBook } from "./level.ts";

type Groups = ClusterFirewall["groups"];

/** The rules of a security group. */
export const groupLevel: Level<{ readonly group: string }, RuleBook> = {
  environment: "group",
  read: ({ group }, { world }) => requireGroup(world, group),
  write: ({ group }, { world }) => requireGroup(world, group),
};

/** Security groups, besides their rules. Their file lowers the names. */
export const groupHandlers: Handlers = {
  "GET /cluster/firewall/groups": (_, { world }) => listGroups(world.state.firewall.groups),
  "POST /cluster/firewall/groups": ({ group, comment, rename, digest }, { world }) => {
    const { groups } = world.state.firewall;
    if (rename !== undefined) {
      checkListDigest(groups, digest);
      renameGroup(world, rename, group, comment);
    } else if (Object.hasOwn(groups, group))
      throw invalidParameters({ group: `Security group '${group}' already exists` });
    else if (!Object.hasOwn(groups, group.toLowerCase()))
      groups[group.toLowerCase()] = { ...commentOf(comment), rules: [] };
    return null;
  },
  "DELETE /cluster/firewall/groups/{group}": ({ group }, { world }) => {
    const { rules } = requireGroup(world, group);
    if (rules.length > 0) throw new ApiError(500, `Security group '${group}' is not empty`);
    Reflect.deleteProperty(world.state.firewall.groups, group);
    return null;
  },
};

function requireGroup(world: World, name: string): Groups[string] {
  const { groups } = world.state.firewall;
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (group === undefined) throw new ApiError(500, `no such security group '${name}'`);
  return group;
}

function listGroups(groups: Groups) {
  const list = Object.keys(groups)
    .sort()
    .map((group) => ({ group, ...commentOf(groups[group]?.comment) }));
  const digest = digestOf(list);
  return list.map((group) => ({ ...group, digest }));
}

function checkListDigest(groups: Groups, digest: string | undefined): void {
  const [first] = listGroups(groups);
  if (digest !== undefined && digest !== (first?.digest ?? digestOf([])))
    throw new ApiError(500, "detected modified configuration - file changed by other user? Try again.");
}

/** Renames a group, and with it whatever rule uses it. */
function renameGroup(world: World, from: string, to: string, comment: string | undefined): void {
  const { firewall, nodes, guests } = world.state;
  const group = Object.hasOwn(firewall.groups, from) ? firewall.groups[from] : undefined;
  if (group === undefined) throw invalidParameters({ group: `Security group '${from}' does not exist` });
  if (to !== from && Object.hasOwn(firewall.groups, to))
    throw invalidParameters({ group: `Security group '${to}' does already exist` });
  Reflect.deleteProperty(firewall.groups, from);
  firewall.groups[to.toLowerCase()] = { ...commentOf(comment ?? group.comment), rules: group.rules };
  const lists: FirewallRule[][] = [firewall, ...Object.values(nodes).map((node) => node.firewall)]
    .map(({ rules }) => rules)
    .concat(Object.values(guests).map((guest) => guest.firewall.rules));
  for (const rule of lists.flat()) {
    if (rule["type"] === "group" && rule["action"] === from) rule["action"] = to;
  }
}

function commentOf(comment = ""): { comment?: string } {
  const text = comment.trim();
  return text === "" ? {} : { comment: text };
}
