import { ownerOf, type AccessState } from "../state/access.ts";
import type { ClusterFirewall, ClusterState, Firewall, FirewallRule, Section, Sections } from "../state/cluster.ts";

/** A file of sections, `TYPE: ID` with indented settings below. */
export function renderSections(sections: Sections, typeOf: (section: Section) => string): string {
  return Object.entries(sections)
    .map(([id, { type: _, ...settings }]) => `${typeOf(sections[id] ?? {})}: ${id}\n${renderIndented(settings)}\n`)
    .join("");
}

/** storage.cfg */
export function renderStorages({ storages }: ClusterState): string {
  return Object.values(storages)
    .map(({ storage, type, config: { path, content, ...rest } }) => {
      const first = { ...(path === undefined ? {} : { path }), ...(content === undefined ? {} : { content }) };
      return `${type}: ${storage}\n${renderIndented({ ...first, ...rest })}\n`;
    })
    .join("");
}

/** datacenter.cfg and other files of `name: value`. */
export function renderSettings(settings: Section): string {
  return Object.entries(settings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}

/** user.cfg; secrets are in other files. */
export function renderUsers(state: ClusterState): string {
  const { users, groups, roles, acl } = state.access;
  const blocks = [
    Object.entries(users).flatMap(([id, user]) => [
      `user:${id}:${user.enable ? 1 : 0}:${user.expire}:${fields(user.firstname, user.lastname, user.email, user.comment, user.keys)}:`,
      ...Object.entries(user.tokens).map(
        ([token, { expire, privsep, comment = "" }]) => `token:${id}!${token}:${expire}:${privsep ? 1 : 0}:${comment}:`,
      ),
    ]),
    Object.entries(groups).map(([id, { members, comment = "" }]) => `group:${id}:${members.join(",")}:${comment}:`),
    Object.entries(state.pools).map(([id, { comment = "" }]) => `pool:${id}:${comment}:${membersOf(state, id)}:`),
    Object.entries(roles).map(([id, privileges]) => `role:${id}:${privileges.join(",")}:`),
    renderAcl(acl),
  ];
  return `${blocks.map((lines) => lines.map((line) => `${line}\n`).join("")).join("\n")}\n`;
}

/** cluster.fw, VMID.fw or host.fw. */
export function renderFirewall(firewall: Partial<ClusterFirewall> & Pick<Firewall, "options" | "rules">): string {
  const { options, aliases = {}, ipsets = {}, rules, groups = {} } = firewall;
  const parts = [
    block(
      "OPTIONS",
      Object.entries(options).map(([name, value]) => `${name}: ${value}`),
    ),
    block(
      "ALIASES",
      Object.entries(aliases).map(([name, { cidr, comment }]) => `${name} ${cidr}${note(comment)}`),
    ),
    ...Object.entries(ipsets).map(([name, { comment, entries }]) =>
      block(
        `IPSET ${name}]${note(comment)}`,
        Object.entries(entries).map(([cidr, { nomatch, comment: why }]) => `${nomatch ? "!" : ""}${cidr}${note(why)}`),
      ),
    ),
    block("RULES", rules.map(renderRule)),
    ...Object.entries(groups).map(([name, group]) =>
      block(`group ${name}]${note(group.comment)}`, group.rules.map(renderRule)),
    ),
  ];
  return parts.join("");
}

function renderRule({ type = "in", action = "", macro, enable, comment, iface, ...match }: FirewallRule): string {
  const what = macro === undefined ? action : `${macro}(${action})`;
  const options = ["source", "dest", "proto", "dport", "sport", "log", "icmp-type"].flatMap((name) =>
    match[name] === undefined ? [] : [`-${name === "proto" ? "p" : name} ${match[name]}`],
  );
  const words = [type.toUpperCase(), what, ...(iface === undefined ? [] : [`-i ${iface}`]), ...options];
  return `${enable === "0" ? "|" : ""}${words.join(" ")}${note(comment)}`;
}

/** Titles of IP sets and groups bring their closing bracket along, since a comment may follow it. */
function block(title: string, lines: readonly string[]): string {
  const heading = `[${title}${title.includes("]") ? "" : "]"}`;
  return lines.length === 0 && !title.includes("]") ? "" : `${heading}\n\n${lines.join("\n")}\n\n`;
}

function note(comment: string | undefined): string {
  return comment === undefined || comment === "" ? "" : ` # ${comment}`;
}

function renderIndented(settings: Section): string {
  return Object.entries(settings)
    .map(([name, value]) => `\t${name} ${value}\n`)
    .join("");
}

function renderAcl(acl: AccessState["acl"]): string[] {
  return acl.map(({ path, type, ugid, roleid, propagate }) => {
    const who = type === "group" ? `@${ugid}` : type === "token" ? ugid : ownerOf(ugid);
    return `acl:${propagate ? 1 : 0}:${path}:${who}:${roleid}:`;
  });
}

function membersOf({ guests, storages, pools }: ClusterState, pool: string): string {
  const awaited = (kind: string) =>
    (pools[pool]?.awaited ?? []).filter((member) => member.startsWith(kind)).map((member) => member.slice(kind.length));
  const vmids = Object.values(guests).filter((guest) => guest.pool === pool);
  const stores = Object.values(storages).filter((storage) => storage.pools?.includes(pool));
  const members = [
    [...vmids.map(({ vmid }) => String(vmid)), ...awaited("/vms/")],
    [...stores.map(({ storage }) => storage), ...awaited("/storage/")],
  ];
  return members.map((names) => names.sort().join(",")).join(":");
}

function fields(...values: readonly (string | undefined)[]): string {
  return values.map((value) => value ?? "").join(":");
}
