import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, type ConfigMap, type Stack } from "@pulumi/pulumi/automation/index.js";
import { AdminApi } from "../src/bootstrap/admin-api.ts";
import { readClusterAuthority } from "../src/bootstrap/find-authority.ts";
import { setUpExporter } from "../src/bootstrap/set-up-exporter.ts";
import { InventoryError } from "../src/inventory/inventory-error.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { planHomelab } from "../src/plan/plan.ts";
import { openConnection } from "../src/proxmox/send.ts";
import { trustAuthorities } from "../src/proxmox/trust.ts";
import { demoFolder, demoStack, readToolchain, stackEnvironment } from "./stack-environment.ts";

/** What the demo's stack is led to: a simulator, or what is reached like one. */
export interface DemoTarget {
  readonly url: string;
  /** The certificate authority to trust, PEM. */
  readonly ca: string;
  readonly apiToken: string;
  /** An administrator's, who makes the exporter's token; without a password that token is made up, and opens nothing. */
  readonly username?: string;
  readonly password?: string;
  readonly ssh: readonly {
    readonly node: string;
    readonly host: string;
    readonly port: number;
    readonly privateKey: string;
    /** A line of known_hosts; without it the node is trusted, whoever it is. */
    readonly knownHost?: string;
  }[];
}

/** Creates the demo's stack in a project folder, with settings that lead to a running simulator. */
export async function createDemoStack(project: string, target: DemoTarget): Promise<Stack> {
  const { url, ca, apiToken, ssh } = target;
  const caFile = join(demoFolder(project), "ca.pem");
  mkdirSync(demoFolder(project), { recursive: true });
  writeFileSync(caFile, ca);
  // The environment depends on this setting, before there is a stack to keep it.
  writeFileSync(configFile(project), `config:\n  homelab:caFile: ${caFile}\n`);
  const envVars = definedOnly(stackEnvironment(project, readToolchain(), demoStack));
  // The Automation API looks for the engine on the PATH of this process.
  process.env["PATH"] = envVars["PATH"];
  const stack = await LocalWorkspace.createStack({ stackName: demoStack, workDir: project }, { envVars });
  await stack.setAllConfig({
    endpoint: { value: url },
    apiToken: { value: apiToken, secret: true },
    caFile: { value: caFile },
    sshPrivateKey: { value: ssh[0]?.privateKey ?? "", secret: true },
    ...simulatedSecrets(project),
    ...(await exporterSecrets(project, target)),
  });
  await stack.setAllConfig(simulatedSsh(ssh), true);
  return stack;
}

/** Removes everything that a demo keeps in a project folder. */
export function removeDemoStack(project: string): void {
  rmSync(demoFolder(project), { recursive: true, force: true });
  rmSync(configFile(project), { force: true });
  rmSync(join(project, `.homelab/${demoStack}-ca-bundle.pem`), { force: true });
}

/** Made-up passwords for what the inventory asks for: nothing is behind them. */
function simulatedSecrets(project: string): ConfigMap {
  const names = Object.keys(secretsOf(project));
  return Object.fromEntries(names.map((name) => [name, { value: randomBytes(12).toString("hex"), secret: true }]));
}

function secretsOf(project: string): Readonly<Record<string, string>> {
  try {
    return planHomelab(loadInventory(project)).secrets;
  } catch (error) {
    // The program itself says what is wrong with the inventory.
    if (error instanceof InventoryError) return {};
    throw error;
  }
}

/** The exporter of Prometheus gets a token of the simulator that is let in, and the authority that has signed its certificate. */
async function exporterSecrets(project: string, { url, ca, username, password }: DemoTarget): Promise<ConfigMap> {
  const needed = secretsOf(project);
  if (username === undefined || password === undefined) return {};
  const connection = openConnection(url, trustAuthorities(ca));
  try {
    const api = await AdminApi.logIn(connection, username, password);
    const { secret = "" } = Object.hasOwn(needed, "pveExporterToken")
      ? await setUpExporter(api, { tokenWorks: false, rotate: true })
      : {};
    const values = { pveExporterToken: secret, pveAuthority: await readClusterAuthority(api) };
    return Object.fromEntries(
      Object.entries(values)
        .filter(([name]) => Object.hasOwn(needed, name))
        .map(([name, value]) => [name, { value, secret: true }]),
    );
  } finally {
    connection.agent.destroy();
  }
}

/** Leads SSH to loopback too, so that the inventory's own addresses are never dialled. */
function simulatedSsh(ssh: DemoTarget["ssh"]): ConfigMap {
  const settings = ssh.flatMap(({ node, host, port, knownHost }) => [
    [`ssh.nodes.${node}.address`, { value: host }],
    [`ssh.nodes.${node}.port`, { value: String(port) }],
    ...(knownHost === undefined
      ? []
      : [[`ssh.nodes.${node}.hostKey`, { value: knownHost.split(" ").slice(1).join(" ") }]]),
  ]);
  return Object.fromEntries(settings) as ConfigMap;
}

function configFile(project: string): string {
  return join(project, `Pulumi.${demoStack}.yaml`);
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
