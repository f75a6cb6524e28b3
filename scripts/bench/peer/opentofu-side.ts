import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Simulator } from "@proxmox-homelab/simulator";
import type { HomelabPlan } from "../../../src/plan/plan.ts";
import { openTofuCommands } from "./commands.ts";
import type { Peer } from "./find-peer.ts";
import { renderConfiguration } from "./render-configuration.ts";
import { runProgram } from "./run-program.ts";
import type { Side } from "./side.ts";

/** Prepares OpenTofu in an empty folder, with the images and containers of a plan as its configuration. */
export function prepareOpenTofu(folder: string, plan: HomelabPlan, simulator: Simulator, peer: Peer): Side {
  const files = writeFiles(folder, plan, simulator, peer);
  const place = {
    folder,
    environment: { ...environmentWithout(/^(?:TF|PROXMOX_VE)_/), ...files, ...access(simulator) },
  };
  return {
    execute: async (run) => {
      const [command, ...options] = openTofuCommands[run];
      await runProgram(peer.tofu, [command, "-input=false", "-no-color", ...options], place);
    },
    countResources: () => {
      const { resources } = JSON.parse(readFileSync(join(folder, "terraform.tfstate"), "utf8")) as {
        resources: readonly { instances: readonly unknown[] }[];
      };
      const same = resources.reduce((sum, { instances }) => sum + instances.length, 0);
      return Promise.resolve({ same, others: {}, internal: 0 });
    },
  };
}

/** Writes the configuration and the settings of OpenTofu; returns the variables that point to them. */
function writeFiles(
  folder: string,
  plan: HomelabPlan,
  { ca, ssh }: Simulator,
  { provider }: Peer,
): Record<"HOME" | "SSL_CERT_FILE" | "TF_CLI_CONFIG_FILE", string> {
  const [home, providers] = [join(folder, "home"), join(folder, "providers")];
  const [caFile, settings] = [join(folder, "ca.pem"), join(folder, "settings.tofurc")];
  for (const each of [home, providers]) mkdirSync(each);
  symlinkSync(provider, join(providers, "terraform-provider-proxmox"));
  writeFileSync(caFile, ca);
  // With an override nothing is installed, so that OpenTofu asks no registry and needs no `tofu init`.
  writeFileSync(
    settings,
    `provider_installation {\n  dev_overrides {\n    "bpg/proxmox" = ${JSON.stringify(providers)}\n  }\n}\n`,
  );
  const nodes = ssh.filter(({ node }) => plan.nodes.some(({ name }) => name === node));
  writeFileSync(join(folder, "main.tf"), renderConfiguration(plan, nodes));
  return { HOME: home, SSL_CERT_FILE: caFile, TF_CLI_CONFIG_FILE: settings };
}

function access({ url, apiToken, ssh: [server] }: Simulator): NodeJS.ProcessEnv {
  return {
    PROXMOX_VE_ENDPOINT: url,
    PROXMOX_VE_API_TOKEN: apiToken,
    PROXMOX_VE_SSH_USERNAME: server?.username,
    PROXMOX_VE_SSH_PRIVATE_KEY: server?.privateKey,
  };
}

/** Leaves out variables of this process, such as the user's own settings for OpenTofu and the provider. */
function environmentWithout(names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.test(name)));
}
