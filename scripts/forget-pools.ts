import { Deployment } from "../src/adopt/engine-files.ts";
import { nameOf, typeOf } from "../src/adopt/sort-resources.ts";
import { withoutReferences } from "../src/drift/forget-missing.ts";
import { checkForgetting } from "../src/edits/check-forgetting.ts";
import { loadEdited } from "../src/edits/load-edited.ts";
import { ZfsPools } from "../src/proxmox/answers.ts";
import { runPulumi } from "./pulumi-command.ts";
import { readAnswer, withServer } from "./stack-server.ts";
import { readStackSettings, StackError } from "./stack-settings.ts";

/**
 * Lets the state forget the named ZFS pools. Nothing is sent to a node: the pools stay on their disks.
 * @throws {InventoryError} if the state has no such pool, or the pool is both in the inventory and on its node
 */
export async function forgetPools(
  project: string,
  stack: string,
  names: readonly string[],
  say: (text: string) => void,
): Promise<void> {
  if (names.length === 0) return;
  const state = await exportState(project, stack);
  const { resources } = state.deployment;
  const { located, plan, built } = loadEdited(project, resources);
  const pools = built.pools.filter(({ name }) => name !== undefined && names.includes(name));
  const planned = plan.nodes.flatMap((node) => node.pools.map(({ name }) => name));
  const asked = pools.filter(({ name = "" }) => planned.includes(name)).map(({ node }) => node);
  const existing = asked.length === 0 ? new Map<string, string[]>() : await readPools(project, stack, asked);
  located.refuse(checkForgetting({ plan, built, forgotten: names, existing }));
  const urns = new Set(
    resources
      .filter(({ urn }) => typeOf(urn) === "proxmoxve:node/disk/zfs:Zfs" && names.includes(nameOf(urn)))
      .map(({ urn }) => urn),
  );
  const left = resources.filter(({ urn }) => !urns.has(urn)).map((resource) => withoutReferences(resource, urns));
  const forgetful = { ...state, deployment: { ...state.deployment, resources: left } };
  const { code, messages } = await runPulumi(project, stack, ["stack", "import"], JSON.stringify(forgetful));
  if (code !== 0) throw new StackError(`Pulumi does not take the state of the stack ${stack}:\n${messages.trim()}`);
  for (const { node, pool } of pools)
    say(`The state has forgotten the pool ${pool} of ${node}, which stays as it is. npm run adopt takes it back.\n`);
}

async function exportState(project: string, stack: string): Promise<Deployment> {
  const { code, output, messages } = await runPulumi(project, stack, ["stack", "export"]);
  if (code !== 0) throw new StackError(`The state of the stack ${stack} cannot be read:\n${messages.trim()}`);
  return Deployment.parse(JSON.parse(output));
}

async function readPools(project: string, stack: string, nodes: readonly string[]): Promise<Map<string, string[]>> {
  return withServer(stack, await readStackSettings(project, stack), async ({ api }) => {
    const read = [...new Set(nodes)].map(async (node) => {
      const pools = await readAnswer(api, `/nodes/${node}/disks/zfs`, ZfsPools);
      return [node, pools.map(({ name }) => name)] as const;
    });
    return new Map(await Promise.all(read));
  });
}
