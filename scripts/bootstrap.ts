import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { AdminApi } from "../src/bootstrap/admin-api.ts";
import { BootstrapError } from "../src/bootstrap/bootstrap-error.ts";
import { decideTrust } from "../src/bootstrap/decide-trust.ts";
import { setUpAccess } from "../src/bootstrap/set-up-access.ts";
import { majorOf } from "../src/doctor/check-version.ts";
import { accessCommands, exporterCommands } from "../src/doctor/commands.ts";
import { privilegeNeeds } from "../src/doctor/needs.ts";
import { deployToken, parseToken, renderTokenId, type TokenId } from "../src/doctor/token.ts";
import { InventoryError } from "../src/inventory/inventory-error.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { planHomelab } from "../src/plan/plan.ts";
import { exporterToken } from "../src/plan/services/exporter-token.ts";
import { Version } from "../src/proxmox/answers.ts";
import { lookAtCertificate } from "../src/proxmox/certificate.ts";
import { ReadApi } from "../src/proxmox/read-api.ts";
import { openConnection, type Connection } from "../src/proxmox/send.ts";
import { trustAuthorities } from "../src/proxmox/trust.ts";
import { askPassword } from "./ask.ts";
import { storeExporterSecrets, storeGeneratedSecrets, storeOrRevoke } from "./bootstrap-secrets.ts";
import { confirmNode, keepAuthority } from "./confirm-node.ts";
import { isWrongOption } from "./describe-error.ts";
import { namedStack } from "./named-stack.ts";
import { StackError, type StackSettings } from "./stack-settings.ts";
import { openStack, type OpenStack } from "./stack-writer.ts";

const usage = `Makes a role, a user and a token on a Proxmox VE that may do what the inventory needs and nothing else, and stores the
token in the stack, encrypted; for Prometheus's exporter another token, which only reads. Makes up the passwords that
nobody else gives, such as Grafana's, and says which secrets have to be set by hand. Asks for an administrator's password
once, and keeps it nowhere. Run it again after the inventory has changed: it gives what is missing and takes back what is
not needed any more; a secret that is there stays.

npm run bootstrap -- [options]

  --host ADDRESS        a node of the cluster (default: the stack's endpoint)
  --port PORT           default: 8006
  --user USER           who has the password (default: root@pam)
  --stack NAME          the stack that gets the token (default: PULUMI_STACK, or the running demo's)
  --ca-file FILE        the certificate authority to trust, such as a copy of /etc/pve/pve-root-ca.pem
  --fingerprint SHA256  of the node's certificate, as the node shows it: pvenode cert info
  --rotate              makes new secrets of the tokens, and ends the old ones
  --dry-run             connects to nothing, and prints the commands that do the same on a node
  --help

The password is asked for, or read from standard input where that is no terminal.
`;

const project = resolve(import.meta.dirname, "..");

interface Options {
  readonly host?: string | undefined;
  readonly port: string;
  readonly user: string;
  readonly stack?: string | undefined;
  readonly "ca-file"?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly rotate: boolean;
}

void main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: "string" },
        port: { type: "string", default: "8006" },
        user: { type: "string", default: "root@pam" },
        stack: { type: "string" },
        "ca-file": { type: "string" },
        fingerprint: { type: "string" },
        rotate: { type: "boolean", default: false },
        "dry-run": { type: "boolean" },
        help: { type: "boolean" },
      },
    });
    if (values.help) process.stdout.write(usage);
    else if (values["dry-run"]) printCommands();
    else await bootstrap(values);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  }
}

function printCommands(): void {
  const plan = planHomelab(loadInventory(project));
  const commands = accessCommands(privilegeNeeds(plan, 9), deployToken);
  process.stdout.write(
    `# On any node, as root (Proxmox VE 8 says VM.Monitor for VM.GuestAgent.Audit):\n${commands.join("\n")}\n`,
  );
  if (Object.hasOwn(plan.secrets, "pveExporterToken"))
    process.stdout.write(
      `# For Prometheus's exporter; the settings pveExporterToken and pveAuthority get what is printed:\n${exporterCommands().join("\n")}\n`,
    );
}

async function bootstrap(options: Options): Promise<void> {
  const plan = planHomelab(loadInventory(project));
  const stack = namedStack(project, options.stack);
  const open = await openStack(project, stack);
  const { settings, created, set, setSecret } = open;
  if (created) say(`The stack ${stack} was created.`);
  const endpoint = endpointOf(options, settings);
  const given = options["ca-file"] === undefined ? undefined : resolve(options["ca-file"]);
  const trust = trustAuthorities(given === undefined ? settings.ca?.pem : readFileSync(given, "utf8"));
  const look = await lookAtCertificate(endpoint, trust);
  const decision = await confirmNode(
    endpoint,
    decideTrust(endpoint, look, { trust, fingerprint: options.fingerprint }),
  );
  const password = await askPassword(`Password of ${options.user}: `);
  const connection = openConnection(endpoint, decision.trust);
  try {
    const api = await AdminApi.logIn(connection, options.user, password);
    const { version } = await api.request(Version, "GET", "/version");
    const caFile = await keepAuthority(project, api, stack, decision, given);
    await storePlace({ settings, set }, { endpoint, caFile });
    const { apiToken, steps } = await setUpAccess(api, {
      needs: privilegeNeeds(plan, majorOf(version)),
      token: deployToken,
      tokenWorks: await worksAlready(connection, settings.apiToken, deployToken),
      rotate: options.rotate,
    });
    say(...steps);
    if (apiToken !== undefined) {
      await storeOrRevoke(api, deployToken, setSecret("apiToken", apiToken));
      say(`The token is stored in Pulumi.${stack}.yaml, encrypted.`);
    }
    const place = { plan, stack, open };
    const ofExporter = settings.pveExporterToken && `${renderTokenId(exporterToken)}=${settings.pveExporterToken}`;
    const tokenWorks = await worksAlready(connection, ofExporter, exporterToken);
    const reading = await storeExporterSecrets(api, place, { tokenWorks, rotate: options.rotate });
    const { done, todo } = await storeGeneratedSecrets(place);
    const more = [...reading, ...done];
    say(...(steps.length + more.length === 0 ? ["Everything was set up already."] : more), ...todo);
    say("Look whether anything else stands in the way:", `  npm run doctor -- --stack ${stack}`);
  } finally {
    connection.agent.destroy();
  }
}

function endpointOf({ host, port }: Options, { endpoint }: StackSettings): string {
  if (host === undefined) {
    if (endpoint !== undefined) return endpoint;
    throw new BootstrapError("Where is the node? Say --host ADDRESS.");
  }
  const text = `https://${isIPv6(host) ? `[${host}]` : host}:${port}/`;
  if (URL.canParse(text) && /^\d+$/.test(port)) return text;
  throw new BootstrapError(`${host} and ${port} make no address.`);
}

async function storePlace(
  { settings, set }: Pick<OpenStack, "set" | "settings">,
  { endpoint, caFile }: { readonly endpoint: string; readonly caFile: string | undefined },
): Promise<void> {
  if (settings.endpoint !== endpoint) {
    await set("endpoint", endpoint);
    say(`The stack's endpoint is ${endpoint} now.`);
  }
  if (caFile !== undefined && settings.ca?.file !== caFile) {
    await set("caFile", caFile);
    say(`The stack trusts ${caFile} now.`);
  }
}

async function worksAlready(connection: Connection, apiToken: string | undefined, expected: TokenId): Promise<boolean> {
  const token = parseToken(apiToken ?? "");
  if (apiToken === undefined || token === undefined || renderTokenId(token) !== renderTokenId(expected)) return false;
  return (await new ReadApi(connection, apiToken).read("/version", Version)).kind === "read";
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = [BootstrapError, InventoryError, StackError].some((kind) => error instanceof kind);
  return known || isWrongOption(error) ? error.message : `Access could not be set up: ${error.message}`;
}

function say(...lines: readonly string[]): void {
  if (lines.length === 0) return;
  process.stdout.write(`${lines.join("\n")}\n`);
}
