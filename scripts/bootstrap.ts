import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { AdminApi } from "../src/bootstrap/admin-api.ts";
import { BootstrapError } from "../src/bootstrap/bootstrap-error.ts";
import { decideTrust, type TrustDecision } from "../src/bootstrap/decide-trust.ts";
import { findAuthority } from "../src/bootstrap/find-authority.ts";
import { revokeToken, setUpAccess } from "../src/bootstrap/set-up-access.ts";
import { majorOf } from "../src/doctor/check-version.ts";
import { accessCommands } from "../src/doctor/commands.ts";
import { privilegeNeeds } from "../src/doctor/needs.ts";
import { deployToken, parseToken, renderTokenId } from "../src/doctor/token.ts";
import { InventoryError } from "../src/inventory/inventory-error.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { planHomelab } from "../src/plan/plan.ts";
import { Version } from "../src/proxmox/answers.ts";
import { lookAtCertificate } from "../src/proxmox/certificate.ts";
import { ReadApi } from "../src/proxmox/read-api.ts";
import { openConnection, type Connection } from "../src/proxmox/send.ts";
import { trustAuthorities } from "../src/proxmox/trust.ts";
import { askPassword, askYes } from "./ask.ts";
import { chooseStack } from "./choose-stack.ts";
import { runPulumi } from "./pulumi-command.ts";
import { demoFolder } from "./stack-environment.ts";
import { readStackSettings, StackError, type StackSettings } from "./stack-settings.ts";

const usage = `Makes a role, a user and a token on a Proxmox VE that may do what the inventory needs and nothing else, and stores the
token in the stack, encrypted. Asks for an administrator's password once, and keeps it nowhere. Run it again after the
inventory has changed: it gives what is missing and takes back what is not needed any more.

npm run bootstrap -- [options]

  --host ADDRESS        a node of the cluster (default: the stack's endpoint)
  --port PORT           default: 8006
  --user USER           who has the password (default: root@pam)
  --stack NAME          the stack that gets the token (default: PULUMI_STACK, or the running demo's)
  --ca-file FILE        the certificate authority to trust, such as a copy of /etc/pve/pve-root-ca.pem
  --fingerprint SHA256  of the node's certificate, as the node shows it: pvenode cert info
  --rotate              makes a new secret, and ends the old one
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

function printCommands(): void {
  const commands = accessCommands(privilegeNeeds(planHomelab(loadInventory(project)), 9), deployToken);
  process.stdout.write(
    `# On any node, as root (Proxmox VE 8 says VM.Monitor for VM.GuestAgent.Audit):\n${commands.join("\n")}\n`,
  );
}

async function bootstrap(options: Options): Promise<void> {
  const plan = planHomelab(loadInventory(project));
  const stack = stackOf(options);
  const settings = await openStack(stack);
  const endpoint = endpointOf(options, settings);
  const given = options["ca-file"] === undefined ? undefined : resolve(options["ca-file"]);
  const trust = trustAuthorities(given === undefined ? settings.ca?.pem : readFileSync(given, "utf8"));
  const look = await lookAtCertificate(endpoint, trust);
  const decision = await confirm(endpoint, decideTrust(endpoint, look, { trust, fingerprint: options.fingerprint }));
  const password = await askPassword(`Password of ${options.user}: `);
  const connection = openConnection(endpoint, decision.trust);
  try {
    const api = await AdminApi.logIn(connection, options.user, password);
    const { version } = await api.request(Version, "GET", "/version");
    await storePlace(stack, settings, { endpoint, caFile: await authorityFile(api, stack, decision, given) });
    const { apiToken, steps } = await setUpAccess(api, {
      needs: privilegeNeeds(plan, majorOf(version)),
      token: deployToken,
      tokenWorks: await worksAlready(connection, settings.apiToken),
      rotate: options.rotate,
    });
    say(...(steps.length === 0 ? ["Everything was set up already."] : steps));
    if (apiToken !== undefined) await storeToken(api, stack, apiToken);
    say("Look whether anything else stands in the way:", `  npm run doctor -- --stack ${stack}`);
  } finally {
    connection.agent.destroy();
  }
}

function stackOf({ stack: named }: Options): string {
  const choice = chooseStack(["bootstrap", ...(named === undefined ? [] : ["--stack", named])], {
    named: process.env["PULUMI_STACK"],
    demoRuns: existsSync(demoFolder(project)),
  });
  if (choice.kind === "chosen" && choice.stack !== undefined) return choice.stack;
  throw new StackError("No stack is named, and no demo is running. Name yours: --stack homelab.");
}

/** Reads the settings of a stack, which is created where there is none. */
async function openStack(stack: string): Promise<StackSettings> {
  try {
    return await readStackSettings(project, stack);
  } catch (error) {
    if (!(error instanceof StackError) || !error.missing) throw error;
    await pulumi(stack, ["stack", "init", "--no-select"]);
    say(`The stack ${stack} was created.`);
    return readStackSettings(project, stack);
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

async function confirm(endpoint: string, decision: TrustDecision): Promise<TrustDecision> {
  if (decision.kind === "decided") return decision;
  const { fingerprint } = decision;
  process.stderr.write(
    `The certificate of ${endpoint} is signed by nobody who is known here. Its fingerprint (SHA-256) is\n  ${fingerprint}\nOn the node, pvenode cert info shows the true one.\n`,
  );
  if (await askYes("Are they the same? [y/N] ")) return decision;
  throw new BootstrapError(
    "Nothing was sent. Give --fingerprint with the true one, or --ca-file with a copy of /etc/pve/pve-root-ca.pem.",
  );
}

/** The setting caFile: so that the provider trusts the node, too, the cluster's authority is kept beside the inventory. */
async function authorityFile(
  api: AdminApi,
  stack: string,
  { trust, certificate }: TrustDecision,
  given: string | undefined,
): Promise<string | undefined> {
  if (given !== undefined) return relative(project, given).startsWith("..") ? given : relative(project, given);
  if (trust.kind !== "pinned") return undefined;
  const authority = await findAuthority(api, certificate);
  if (authority === undefined) {
    throw new BootstrapError(
      "The certificate is signed by an authority that the node does not have. Give it with --ca-file; the provider has to trust it, too.",
    );
  }
  const file = join("config", `${stack}-root-ca.pem`);
  writeFileSync(join(project, file), `${authority.trimEnd()}\n`);
  return file;
}

async function storePlace(
  stack: string,
  settings: StackSettings,
  { endpoint, caFile }: { readonly endpoint: string; readonly caFile: string | undefined },
): Promise<void> {
  if (settings.endpoint !== endpoint) {
    await pulumi(stack, ["config", "set", "endpoint", endpoint]);
    say(`The stack's endpoint is ${endpoint} now.`);
  }
  if (caFile !== undefined && settings.ca?.file !== caFile) {
    await pulumi(stack, ["config", "set", "caFile", caFile]);
    say(`The stack trusts ${caFile} now.`);
  }
}

async function worksAlready(connection: Connection, apiToken: string | undefined): Promise<boolean> {
  const token = parseToken(apiToken ?? "");
  if (apiToken === undefined || token === undefined || renderTokenId(token) !== renderTokenId(deployToken))
    return false;
  return (await new ReadApi(connection, apiToken).read("/version", Version)).kind === "read";
}

async function storeToken(api: AdminApi, stack: string, apiToken: string): Promise<void> {
  try {
    await pulumi(stack, ["config", "set", "--secret", "apiToken"], apiToken);
  } catch (error) {
    // Its secret is nowhere now, and it would stand in the way of the next run.
    await revokeToken(api, deployToken);
    throw error;
  }
  say(`The token is stored in Pulumi.${stack}.yaml, encrypted.`);
}

async function pulumi(stack: string, args: readonly string[], input?: string): Promise<void> {
  const { code, messages } = await runPulumi(project, stack, args, input);
  if (code !== 0) throw new StackError(`Pulumi does not ${args.slice(0, 2).join(" ")}:\n${messages.trim()}`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = [BootstrapError, InventoryError, StackError].some((kind) => error instanceof kind);
  const isWrongOption = "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  return known || isWrongOption ? error.message : `Access could not be set up: ${error.message}`;
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
