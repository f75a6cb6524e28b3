import { z } from "zod";
import { listOf } from "../doctor/finding.ts";
import { renderTokenId, type TokenId } from "../doctor/token.ts";
import type { AdminApi } from "./admin-api.ts";
import { BootstrapError } from "./bootstrap-error.ts";
import type { AclEntry, ExistingAccess } from "./read-access.ts";

/** A role on a path: one of ours, or one that Proxmox VE comes with. */
interface GivenRole {
  readonly path: string;
  readonly role: string;
  readonly propagate: boolean;
}

/** A token with its user, and what both may do. */
export interface TokenAccess {
  readonly token: TokenId;
  readonly grants: readonly GivenRole[];
  /** What Proxmox VE shows beside both. */
  readonly comment: string;
}

/** What was done for a token and its user. */
export interface TokenOwnerResult {
  /** Undefined where the token was kept. */
  readonly secret: string | undefined;
  /** In sentences. */
  readonly steps: readonly string[];
}

const Nothing = z.unknown();
const NewToken = z.object({ value: z.string(), "full-tokenid": z.string() });

/** Makes user, token and permissions what they have to be; what is so already is left alone. */
export async function setUpTokenOwner(
  api: AdminApi,
  access: TokenAccess,
  existing: ExistingAccess,
  rotate: boolean,
): Promise<TokenOwnerResult> {
  const { token, grants, comment } = access;
  const steps: string[] = [];
  if (existing.user === "absent") {
    await api.request(Nothing, "POST", "/access/users", { userid: token.user, comment });
    steps.push(`The user ${token.user} was created; it has no password, and cannot log in.`);
  }
  const renew = rotate || existing.token === "absent";
  // The entries of a token go away with it.
  const kept = renew ? existing.entries.filter(({ type }) => type === "user") : existing.entries;
  const secret = await setUpToken(api, access, existing, renew, steps);
  steps.push(...(await setUpEntries(api, token, grants, kept)));
  return { secret, steps };
}

/** Takes back a token that could not be kept anywhere. */
export async function revokeToken(api: AdminApi, { user, name }: TokenId): Promise<void> {
  await api.request(Nothing, "DELETE", `/access/users/${user}/token/${name}`);
}

/**
 * Refuses what stands in the way.
 * @throws {BootstrapError} before the first change
 */
export function refuseObstacles({ user, token: there }: ExistingAccess, token: TokenId, mayBeThere: boolean): void {
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

async function setUpToken(
  api: AdminApi,
  { token, comment }: TokenAccess,
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
  const { value } = await api.request(NewToken, "POST", path, { privsep: "1", comment });
  steps.push(`The token ${id} was ${existing.token === "absent" ? "created" : "replaced: the old secret is void"}.`);
  return value;
}

async function setUpEntries(
  api: AdminApi,
  token: TokenId,
  grants: readonly GivenRole[],
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
