import { z } from "zod";
import type { ReadApi } from "../proxmox/read-api.ts";
import type { Inputs } from "./lookup.ts";
import { textOf } from "./lookup.ts";
import type { SortedResource } from "./sort-resources.ts";

const Config = z.object({ lock: z.string().optional(), hostname: z.string().optional(), name: z.string().optional() });

/** Says which guests are not what a killed run has created: those of others, and those that Proxmox VE has only begun. */
export async function examineGuests(
  api: Pick<ReadApi, "read">,
  resources: readonly SortedResource[],
): Promise<string[]> {
  const problems = await Promise.all(
    resources.map(async ({ word, name, inputs }) => {
      if (word !== "container" && word !== "machine") return undefined;
      const [type, tool] = word === "container" ? ["lxc", "pct"] : ["qemu", "qm"];
      const [node, vmid] = [textOf(inputs, "nodeName"), textOf(inputs, "vmId")];
      const reading = await api.read(`/nodes/${node}/${type}/${vmid}/config`, Config);
      if (reading.kind === "refused") return `${word} ${name}: Proxmox VE does not tell: ${reading.message}.`;
      const { lock, hostname, name: title = hostname ?? "" } = reading.value;
      if (title !== nameIn(inputs))
        return `${word} ${name}: VMID ${vmid} on ${node} is ${title}, which is none of ours. Give ${name} another vmid in the inventory.`;
      if (lock !== "create") return undefined;
      return (
        `${word} ${name}: VMID ${vmid} is half made: ${node} was interrupted while it created it, and has left it locked. ` +
        `Nothing can be in it yet. Remove it on the node, and begin again:\n  ${tool} unlock ${vmid} && ${tool} destroy ${vmid} --purge`
      );
    }),
  );
  return problems.filter((problem) => problem !== undefined);
}

/** What the guest was to be called. */
function nameIn({ name, initialization }: Inputs): unknown {
  return name ?? (initialization as { hostname?: unknown } | undefined)?.hostname;
}
