import { extendRoleCommand, addRoleCommand, grantCommand, renderCommands } from "./commands.ts";
import type { Reading } from "../proxmox/read-api.ts";
import { countOf, fine, listOf, problem, unread, warning, type Finding } from "./finding.ts";
import type { Need } from "./needs.ts";
import { grantsFor, rolesFor, type RoleName } from "./roles.ts";
import { renderTokenId, type TokenId } from "./token.ts";

/** By path, the privileges there, each with whether it goes on to what is below. */
export type Held = Readonly<Record<string, Reading<Readonly<Record<string, boolean>>>>>;

/** What was read of a token's permissions. */
export interface HeldPrivileges {
  readonly token: TokenId;
  readonly held: Held;
  /** The privileges of our roles; a role that is not there has none. */
  readonly roles: Readonly<Partial<Record<RoleName, readonly string[]>>>;
}

const areas: Readonly<Record<string, string>> = {
  "": "cluster",
  nodes: "nodes",
  sdn: "networks",
  storage: "storages",
  vms: "guests",
};

/** Compares what the token may do with what the plan needs: a line for each privilege that is missing, wherever it is. */
export function checkPrivileges(needs: readonly Need[], given: HeldPrivileges): Finding[] {
  const { held } = given;
  const unknown = needs.filter(({ path }) => held[path]?.kind === "refused");
  const missing = needs.filter(({ path, privilege, propagate }) => {
    const here = held[path];
    if (here?.kind === "refused") return false;
    const goesOn = here?.value[privilege];
    return goesOn === undefined || (propagate && !goesOn);
  });
  const names = [...new Set(missing.map(({ privilege }) => privilege))].sort();
  const problems = names.map((name) =>
    describeMissing(
      missing.filter(({ privilege }) => privilege === name),
      needs,
      given,
    ),
  );
  return [
    ...problems,
    ...checkAreas(needs, [...missing, ...unknown]),
    ...tellUnknown(unknown, held),
    ...checkExcess(given),
  ];
}

function tellUnknown(unknown: readonly Need[], held: Held): Finding[] {
  const paths = [...new Set(unknown.map(({ path }) => path))];
  const refusal = paths.map((path) => held[path]).find((reading) => reading?.kind === "refused");
  if (refusal?.kind !== "refused") return [];
  return [unread("privileges", { ...refusal, message: `${refusal.message} (those on ${listOf(paths)})` })];
}

/** What is not lacking in any of its paths. */
function checkAreas(needs: readonly Need[], missing: readonly Need[]): Finding[] {
  return Object.entries(areas).flatMap(([part, title]) => {
    const own = needs.filter(({ path }) => (path.split("/")[1] ?? "") === part);
    if (own.length === 0 || missing.some((need) => own.includes(need))) return [];
    const count = new Set(own.map(({ privilege }) => privilege)).size;
    return [fine(`privileges: ${title}`, `The token has all that is needed: ${countOf(count, "privilege")}.`)];
  });
}

/** Administrators may do everything, and so may who gets hold of their token. */
function checkExcess({ token, held }: HeldPrivileges): Finding[] {
  const root = held["/"];
  if (root?.kind !== "read" || root.value["Permissions.Modify"] === undefined) return [];
  return [
    warning(
      "privileges: least",
      `The token ${renderTokenId(token)} may do everything, which is more than the homelab needs.`,
      "Make one that may do only what is needed:\n  npm run bootstrap",
    ),
  ];
}

function describeMissing(missing: readonly Need[], needs: readonly Need[], given: HeldPrivileges): Finding {
  const [first] = missing;
  if (first === undefined) throw new Error("There is nothing missing to describe.");
  const { privilege } = first;
  const paths = [...new Set(missing.map(({ path }) => path))];
  const reasons = [...new Set(missing.map(({ why }) => why))];
  return problem(
    `privilege ${privilege}`,
    `${privilege} is missing on ${listOf(paths)}; it is needed to ${reasons.join(", and to ")}.`,
    `Run npm run bootstrap, or on a node as root:${renderCommands(remedyFor(missing, first, needs, given))}`,
  );
}

/** The role may be missing, or lack the privilege, or not be given there. */
function remedyFor(
  missing: readonly Need[],
  { privilege, role }: Need,
  needs: readonly Need[],
  { token, roles }: HeldPrivileges,
): string[] {
  const ofRole = needs.filter((need) => need.role === role);
  const existing = roles[role];
  const makeRole =
    existing === undefined
      ? [addRoleCommand(role, rolesFor(ofRole).get(role) ?? [])]
      : existing.includes(privilege)
        ? []
        : [extendRoleCommand(role, [privilege])];
  if (existing !== undefined && makeRole.length > 0) return makeRole;
  const grants = grantsFor(needs).filter(({ path }) =>
    missing.some((need) => need.path === path || need.path.startsWith(`${path}/`)),
  );
  return [...makeRole, ...grants.map((grant) => grantCommand(grant, token))];
}
