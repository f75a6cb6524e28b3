import { exporterToken } from "../plan/services/exporter-token.ts";
import { lookAtCertificate } from "../proxmox/certificate.ts";
import { Permissions, Role, Version } from "../proxmox/answers.ts";
import { ReadApi, type Reading } from "../proxmox/read-api.ts";
import { openConnection, type Connection } from "../proxmox/send.ts";
import { greetSsh, tryLogin } from "../proxmox/ssh.ts";
import { trustAuthorities, type Trust } from "../proxmox/trust.ts";
import { checkConnection } from "./check-connection.ts";
import { checkExporter } from "./check-exporter.ts";
import { checkPrivileges, type HeldPrivileges } from "./check-privileges.ts";
import { checkSettings } from "./check-settings.ts";
import { checkSsh } from "./check-ssh.ts";
import { checkToken } from "./check-token.ts";
import { majorOf } from "./check-version.ts";
import { examineCluster } from "./examine-cluster.ts";
import type { Finding } from "./finding.ts";
import { privilegeNeeds, type Need } from "./needs.ts";
import { rolesFor } from "./roles.ts";
import type { Target } from "./target.ts";
import { parseToken, renderTokenId } from "./token.ts";

/** What an examination came to. */
export interface Examination {
  /** Whether there was anything to examine. */
  readonly reached: boolean;
  readonly findings: readonly Finding[];
}

/** What the privileges are computed for until the node has told its version. */
const usualMajor = 9;

/** Looks at everything that has to be right before the plan can be built there; changes nothing. */
export async function examine(target: Target, now = new Date()): Promise<Examination> {
  const { endpoint, insecure, ca, stack } = target;
  const trust: Trust = insecure ? { kind: "anyone" } : trustAuthorities(ca?.pem);
  const look = await lookAtCertificate(endpoint, trust);
  const connection = checkConnection(look, { endpoint, insecure, caFile: ca?.file, stack }, now);
  if (look.kind === "unreachable") return { reached: false, findings: connection };
  const believed = insecure || look.certificate.doubt === undefined;
  const [api, ssh] = await Promise.all([examineApi(target, believed ? trust : undefined), examineSsh(target)]);
  return { reached: true, findings: [...connection, ...api, ...ssh, ...checkSettings(target)] };
}

async function examineApi(target: Target, trust: Trust | undefined): Promise<Finding[]> {
  const { plan, stack, endpoint, apiToken } = target;
  const needsOf = (major: number) => privilegeNeeds(plan, major);
  const token = parseToken(apiToken ?? "");
  if (trust === undefined || apiToken === undefined || token === undefined) {
    return [checkToken({ stack, apiToken, answer: undefined, needs: needsOf(usualMajor) })];
  }
  const connection = openConnection(endpoint, trust);
  try {
    const api = new ReadApi(connection, apiToken);
    const answer: Reading<{ version: string }> = await api.read("/version", Version);
    const needs = needsOf(answer.kind === "read" ? majorOf(answer.value.version) : usualMajor);
    const found = [checkToken({ stack, apiToken, answer, needs })];
    if (answer.kind === "refused") return found;
    const given: HeldPrivileges = { token, ...(await readPrivileges(api, needs)) };
    return [
      ...found,
      ...checkPrivileges(needs, given),
      ...(await examineExporter(target, connection)),
      ...(await examineCluster(target, api, given.held)),
    ];
  } finally {
    connection.agent.destroy();
  }
}

/** With the exporter's own token; that the stack has none is told among its settings. */
async function examineExporter(
  { plan, stack, pveExporterToken: secret }: Target,
  connection: Connection,
): Promise<Finding[]> {
  if (!Object.hasOwn(plan.secrets, "pveExporterToken") || secret === undefined) return [];
  const api = new ReadApi(connection, `${renderTokenId(exporterToken)}=${secret}`);
  return [checkExporter(stack, await api.read("/access/permissions", Permissions, { parameters: { path: "/" } }))];
}

async function readPrivileges(api: ReadApi, needs: readonly Need[]): Promise<Omit<HeldPrivileges, "token">> {
  const paths = [...new Set(["/", ...needs.map(({ path }) => path)])];
  const held = await Promise.all(
    paths.map(async (path) => {
      const reading = await api.read("/access/permissions", Permissions, { parameters: { path } });
      return [path, reading.kind === "read" ? { ...reading, value: reading.value[path] ?? {} } : reading] as const;
    }),
  );
  const roles = await Promise.all(
    [...rolesFor(needs).keys()].map(async (role) => {
      const reading = await api.read(`/access/roles/${role}`, Role);
      return reading.kind === "read" ? [[role, Object.keys(reading.value)] as const] : [];
    }),
  );
  return { held: Object.fromEntries(held), roles: Object.fromEntries(roles.flat()) };
}

async function examineSsh({ plan, ssh, stack }: Target): Promise<Finding[]> {
  const needed = plan.machines.length > 0;
  return Promise.all(
    plan.nodes.map(async ({ name: node, address: inventoryAddress }) => {
      const own = Object.hasOwn(ssh.nodes, node) ? ssh.nodes[node] : undefined;
      const target = own === undefined ? undefined : { ...own, username: ssh.username };
      const greeting = target === undefined ? undefined : await greetSsh(target.address, target.port);
      const login = target === undefined || greeting?.kind !== "ssh" ? undefined : await tryLogin(target, ssh.options);
      return checkSsh({ node, stack, inventoryAddress, target, greeting, login, needed });
    }),
  );
}
