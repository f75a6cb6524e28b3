import type { Simulator } from "@proxmox-homelab/simulator";
import { createDemoStack } from "../../demo-stack.ts";
import { demoStack, readToolchain, stackEnvironment } from "../../stack-environment.ts";
import { pulumiCommands } from "./commands.ts";
import { runProgram } from "./run-program.ts";
import type { ResourceCounts, Side } from "./side.ts";

const sameTypes = ["proxmoxve:download/file:File", "proxmoxve:index/containerLegacy:ContainerLegacy"];

/** Prepares a copy of this project. The engine is started directly: the Automation API would also ask for outputs and history. */
export async function prepareOurSide(project: string, simulator: Simulator): Promise<Side> {
  await createDemoStack(project, simulator);
  const toolchain = readToolchain();
  const place = { folder: project, environment: stackEnvironment(project, toolchain, demoStack) };
  const pulumi = (args: readonly string[]) =>
    runProgram(toolchain.pulumi, [...args, "--stack", demoStack, "--non-interactive"], place);
  return {
    execute: async (run) => {
      await pulumi(pulumiCommands[run]);
    },
    countResources: async () => {
      const { deployment } = JSON.parse(await pulumi(["stack", "export"])) as {
        deployment: { resources: readonly { type: string; custom: boolean }[] };
      };
      return countByType(deployment.resources);
    },
  };
}

/** Counts the resources of a state by whether OpenTofu has them, too. */
export function countByType(resources: readonly { readonly type: string; readonly custom: boolean }[]): ResourceCounts {
  const others: Record<string, number> = {};
  let [same, internal] = [0, 0];
  for (const { type, custom } of resources) {
    if (sameTypes.includes(type)) same += 1;
    else if (!custom || type.startsWith("pulumi:")) internal += 1;
    else others[type] = (others[type] ?? 0) + 1;
  }
  return { same, others, internal };
}
