import type { Need } from "./needs.ts";
import { exporterToken } from "../plan/services/exporter-token.ts";
import { exporterRole, grantsFor, rolesFor, type Grant, type RoleName } from "./roles.ts";
import { renderTokenId, type TokenId } from "./token.ts";

/** The commands that make roles, user, permissions and token by hand, on any node as root. */
export function accessCommands(needs: readonly Need[], token: TokenId): string[] {
  return [
    ...[...rolesFor(needs)].map(([role, privileges]) => addRoleCommand(role, privileges)),
    `pveum user add ${token.user} --comment ${quote("Pulumi deploys the homelab")}`,
    ...tokenCommands(token),
    ...grantsFor(needs).map((grant) => grantCommand(grant, token)),
  ];
}

/** The commands that make the token of Prometheus's exporter by hand; they print its secret and the cluster's authority. */
export function exporterCommands(): string[] {
  const { user } = exporterToken;
  return [
    `pveum user add ${user} --comment ${quote("Prometheus asks how the cluster is")}`,
    ...tokenCommands(exporterToken),
    grantCommand({ path: "/", role: exporterRole, propagate: true }, exporterToken),
    "cat /etc/pve/pve-root-ca.pem",
  ];
}

/** Makes a token, and prints its secret. */
export function tokenCommands({ user, name }: TokenId): string[] {
  return [`pveum user token add ${user} ${name} --privsep 1`];
}

/** Makes a role. */
export function addRoleCommand(role: RoleName, privileges: readonly string[]): string {
  return `pveum role add ${role} --privs ${quote(privileges.join(" "))}`;
}

/** Adds privileges to a role. */
export function extendRoleCommand(role: RoleName, privileges: readonly string[]): string {
  return `pveum role modify ${role} --append 1 --privs ${quote(privileges.join(" "))}`;
}

/** Gives a role to both: a token that is kept apart from its user has only what both of them have. */
export function grantCommand(
  { path, role, propagate }: Omit<Grant, "role"> & { readonly role: string },
  token: TokenId,
): string {
  const who = `--users ${token.user} --tokens ${quote(renderTokenId(token))}`;
  return `pveum acl modify ${path} --roles ${role} ${who} --propagate ${propagate ? 1 : 0}`;
}

/** Commands as a remedy shows them. */
export function renderCommands(commands: readonly string[]): string {
  return commands.map((command) => `\n  ${command}`).join("");
}

/** For a shell, which would take `!` and spaces for something else. */
function quote(text: string): string {
  return `'${text}'`;
}
