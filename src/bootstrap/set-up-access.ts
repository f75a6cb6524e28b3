import { z } from "zod";
import { countOf, listOf } from "../doctor/finding.ts";
import type { Need } from "../doctor/needs.ts";
import { deployRole, grantsFor, nodesRole, rolesFor, type RoleName } from "../doctor/roles.ts";
import { renderTokenId, type TokenId } from "../doctor/token.ts";
import type { AdminApi } from "./admin-api.ts";
import { readAccess, type ExistingAccess } from "./read-access.ts";
import { refuseObstacles, setUpTokenOwner } from "./set-up-token-owner.ts";

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
  const access = { token, grants: grantsFor(needs), comment: "Pulumi deploys the homelab" };
  const owner = await setUpTokenOwner(api, access, existing, rotate);
  const apiToken = owner.secret === undefined ? undefined : `${renderTokenId(token)}=${owner.secret}`;
  return { apiToken, steps: [...steps, ...owner.steps] };
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
