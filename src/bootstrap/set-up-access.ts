import { z } from "zod";
import { countOf, listOf } from "../doctor/finding.ts";
import type { Need } from "../doctor/needs.ts";
import { deployRole, grantsFor, nodesRole, rolesFor, type Grant, type RoleName } from "../doctor/roles.ts";
import { renderTokenId, type TokenId } from "../doctor/token.ts";
import type { AdminApi } from "./admin-api.ts";
import { BootstrapError } from "./bootstrap-error.ts";
import { readAccess, type AclEntry, type ExistingAccess } from "./read-access.ts";

/** What is to be set up. */
export interface AccessRequest {
  readonly needs: readonly Need[];
  readonly token: TokenId;
  /** Whether the stack has this token, and Proxmox VE lets it in. */
  readonly tokenWorks: boolean;
  /** Whether a new secret is wanted in any case. */
  readonly rotate: boolean;
}

/** What was set up. */
export interface AccessResult {
  /** `user@realm!name=secret`; undefined where the token was kept. */
  readonly apiToken: string | undefined;
  /** What was done, in sentences. */
  readonly steps: readonly string[];
}

const Nothing = z.unknown();
const NewToken = z.object({ value: z.string(), "full-tokenid": z.string() });

/**
 * Makes roles, user, token and permissions what they have to be; what is so already is left alone.
 * @throws {BootstrapError} before the first change, where it cannot be done
 */
export async function setUpAccess(
  api: AdminApi,
  { needs, token, tokenWorks, rotate }: AccessRequest,
): Promise<AccessResult> {
  const existing = await readAccess(api, [deployRole, nodesRole], token);
  refuseObstacles(existing, token, tokenWorks || rotate);
  const steps: string[] = [];
  for (const [role, privileges] of rolesFor(needs)) steps.push(...(await setUpRole(api, role, privileges, existing)));
  if (existing.user === "absent") {
    await api.request(Nothing, "POST", "/access/users", { userid: token.user, comment: "Pulumi deploys the homelab" });
    steps.push(`The user ${token.user} was created; it has no password, and cannot log in.`);
  }
  const renew = rotate || existing.token === "absent";
  // The entries of a token go away with it.
  const kept = renew ? existing.entries.filter(({ type }) => type === "user") : existing.entries;
  const apiToken = await setUpToken(api, token, existing, renew, steps);
  steps.push(...(await setUpEntries(api, token, grantsFor(needs), kept)));
  return { apiToken, steps };
}

/** Takes back a token that could not be kept anywhere. */
export async function revokeToken(api: AdminApi, { user, name }: TokenId): Promise<void> {
  await api.request(Nothing, "DELETE", `/access/users/${user}/token/${name}`);
}

function refuseObstacles({ user, token: there }: ExistingAccess, token: TokenId, mayBeThere: boolean): void {
  if (user === "disabled") {
    throw new BootstrapError(
      `The user ${token.user} is disabled. If that was not meant to be, on a node as root:\n  pveum user modify ${token.user} --enable 1`,
    );
  }
  if (there !== "absent" && !mayBeThere) {
    throw new BootstrapError(
      `The token ${renderTokenId(token)} exists, and the stack does not have its secret, which nobody can read again. For a new one, which ends the old:\n  npm run bootstrap -- --rotate`,
    );
  }
}

async function setUpRole(
  api: AdminApi,
  role: RoleName,
  privileges: readonly string[],
  { roles }: ExistingAccess,
): Promise<string[]> {
  const before = roles.get(role);
  const privs = privileges.join(",");
  if (before === undefined) {
    await api.request(Nothing, "POST", "/access/roles", { roleid: role, privs });
    return [`The role ${role} was created with ${countOf(privileges.length, "privilege")}.`];
  }
  const added = privileges.filter((privilege) => !before.includes(privilege));
  const removed = before.filter((privilege) => !privileges.includes(privilege));
  if (added.length + removed.length === 0) return [];
  await api.request(Nothing, "PUT", `/access/roles/${role}`, { privs });
  const changes = [
    ...(added.length > 0 ? [`got ${listOf(added)}`] : []),
    ...(removed.length > 0 ? [`lost ${listOf(removed)}`] : []),
  ];
  return [`The role ${role} ${changes.join(", and ")}.`];
}

async function setUpToken(
  api: AdminApi,
  token: TokenId,
  existing: ExistingAccess,
  renew: boolean,
  steps: string[],
): Promise<string | undefined> {
  const id = renderTokenId(token);
  const path = `/access/users/${token.user}/token/${token.name}`;
  if (!renew) {
    if (existing.token !== "unseparated") return undefined;
    await api.request(Nothing, "PUT", path, { privsep: "1" });
    steps.push(`The token ${id} has permissions of its own now.`);
    return undefined;
  }
  if (existing.token !== "absent") await revokeToken(api, token);
  const { value } = await api.request(NewToken, "POST", path, { privsep: "1", comment: "Pulumi deploys the homelab" });
  steps.push(`The token ${id} was ${existing.token === "absent" ? "created" : "replaced: the old secret is void"}.`);
  return `${id}=${value}`;
}

async function setUpEntries(
  api: AdminApi,
  token: TokenId,
  grants: readonly Grant[],
  existing: readonly AclEntry[],
): Promise<string[]> {
  const owners = { users: token.user, tokens: renderTokenId(token) };
  const kinds = ["user", "token"] as const;
  const superfluous = existing.filter(
    ({ path, role }) => !grants.some((grant) => grant.path === path && grant.role === role),
  );
  for (const { path, type, role } of superfluous) {
    const owner = type === "user" ? { users: owners.users } : { tokens: owners.tokens };
    await api.request(Nothing, "PUT", "/access/acl", { path, roles: role, ...owner, delete: "1" });
  }
  const missing = grants.filter(
    (grant) =>
      !kinds.every((type) =>
        existing.some(
          (entry) =>
            entry.type === type &&
            entry.path === grant.path &&
            entry.role === grant.role &&
            entry.propagate === grant.propagate,
        ),
      ),
  );
  for (const { path, role, propagate } of missing) {
    await api.request(Nothing, "PUT", "/access/acl", {
      path,
      roles: role,
      ...owners,
      propagate: propagate ? "1" : "0",
    });
  }
  const taken = [...new Set(superfluous.map(({ path }) => path))];
  return [
    ...(taken.length > 0 ? [`Permissions that nothing needs were taken back: on ${listOf(taken)}.`] : []),
    ...(missing.length > 0 ? [`Permissions were given on ${listOf(missing.map(({ path }) => path))}.`] : []),
  ];
}
