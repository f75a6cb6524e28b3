import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { rootCertificates } from "node:tls";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { keepNoLogs } from "./engine-logs.ts";
import { findBackend } from "./state-backend.ts";

/** The engine that setup provides, as `toolchain/run.mjs` hands it to the scripts. */
export interface Toolchain {
  readonly from: "path" | "release" | "source";
  readonly version: string;
  readonly pulumi: string;
  /** PULUMI_HOME of the project's runs; null where the user's own Pulumi is used. */
  readonly home: string | null;
  readonly plugins: Readonly<Record<string, string>>;
}

/** The stack that lives on the simulator, for the time of one demo. */
export const demoStack = "demo";

/** Reads the engine that setup has provided to this process. */
export function readToolchain(): Toolchain {
  const text = process.env["HOMELAB_TOOLCHAIN"];
  if (text === undefined)
    throw new Error("No engine has been set up for this process. Start it with npm run or npm test.");
  return JSON.parse(text) as Toolchain;
}

/** The engine and its plugins are short runs of Go: a tenth of their processor time goes into collecting small heaps. */
const lazyCollector = { GOGC: "400", GOMEMLIMIT: "1GiB" };

/** Names the folder of the demo: its state, its certificate authority. It is removed with the demo. */
export function demoFolder(project: string): string {
  return join(project, ".homelab/demo");
}

/**
 * Makes the environment of a run of Pulumi on a stack, so that nobody has to export anything.
 *
 * The demo's stack always uses the project's own files. Any other stack uses the user's backend and secrets provider
 * (the variables of Pulumi, `backend` in Pulumi.yaml, `pulumi login`), and the project's files where the user has none.
 */
export function stackEnvironment(project: string, toolchain: Toolchain, stack: string | undefined): NodeJS.ProcessEnv {
  if (toolchain.home !== null) keepNoLogs(toolchain.home);
  const { PULUMI_HOME: userHome = join(homedir(), ".pulumi"), ...user } = process.env;
  const environment: NodeJS.ProcessEnv = {
    ...lazyCollector,
    ...user,
    PULUMI_HOME: toolchain.home ?? userHome,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Setup has provided the plugins. Without this, a missing one costs seconds of download attempts on every run.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PATH: [dirname(toolchain.pulumi), user["PATH"]].filter((entry) => entry !== undefined).join(delimiter),
    ...(stack === undefined ? {} : { PULUMI_STACK: stack, ...certificateAuthority(project, stack) }),
  };
  if (stack === demoStack) {
    return { ...environment, HOME: demoHome(project), ...ownBackend(project, join(demoFolder(project), "state")) };
  }
  const credentials = user["PULUMI_CREDENTIALS_PATH"] ?? (existsSync(userHome) ? userHome : environment["PULUMI_HOME"]);
  environment["PULUMI_CREDENTIALS_PATH"] = credentials;
  return findBackend(project, user, credentials) === undefined
    ? { ...ownBackend(project, join(project, ".homelab/state")), ...environment }
    : environment;
}

/** The provider notes the host keys of nodes in ~/.ssh/known_hosts: those of simulators have no business in the user's. */
function demoHome(project: string): string {
  const home = join(demoFolder(project), "home");
  mkdirSync(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  return home;
}

/** Makes Go's programs trust the certificate authority that the stack's settings name, besides what they trust anyway. */
function certificateAuthority(project: string, stack: string): NodeJS.ProcessEnv {
  const file = join(project, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) return {};
  const settings = parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null;
  const caFile = settings?.config?.["homelab:caFile"];
  if (typeof caFile !== "string") return {};
  // Go reads SSL_CERT_FILE instead of the system's list, so that what was trusted before has to be in it too.
  const trusted = process.env["SSL_CERT_FILE"];
  const others =
    trusted !== undefined && existsSync(trusted) ? readFileSync(trusted, "utf8") : rootCertificates.join("\n");
  const bundle = join(project, `.homelab/${stack}-ca-bundle.pem`);
  mkdirSync(dirname(bundle), { recursive: true });
  writeFileSync(bundle, `${readFileSync(resolve(project, caFile), "utf8")}\n${others}\n`);
  return { SSL_CERT_FILE: bundle };
}

function ownBackend(project: string, state: string): NodeJS.ProcessEnv {
  mkdirSync(state, { recursive: true });
  const passphrase = join(project, ".homelab/passphrase");
  if (!existsSync(passphrase)) writeFileSync(passphrase, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return {
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    PULUMI_CONFIG_PASSPHRASE: undefined,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
  };
}
