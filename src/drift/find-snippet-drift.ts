import type { Deployment } from "../adopt/engine-files.ts";
import { adoptableKinds } from "../adopt/kinds.ts";
import { typeOf } from "../adopt/sort-resources.ts";
import type { Access, OnNode } from "../provision/on-node.ts";
import { sumOf, sumVolumes, type Sums } from "../provision/sum-volumes.ts";
import { describeChange, type ResourceLook } from "./find-resource-drift.ts";

/** A snippet that is there with its length, of which the text is still to be looked at. */
interface Snippet {
  readonly look: ResourceLook;
  readonly resource: Deployment["deployment"]["resources"][number];
  readonly node: string;
  readonly volumeId: string;
  readonly text: string;
}

/** Looks on the nodes into snippets whose length is right: no API tells what is in them. Adds that to what was found. */
export async function addSnippetDrift(
  looks: readonly ResourceLook[],
  state: Deployment,
  access: Access,
): Promise<ResourceLook[]> {
  const snippets = snippetsOf(looks, state);
  const nodes = [...new Set(snippets.map(({ node }) => node))];
  const sums = await Promise.all(
    nodes.map(async (node): Promise<[string, OnNode<Sums>]> => {
      const own = snippets.filter((snippet) => snippet.node === node).map(({ volumeId }) => volumeId);
      return [node, await sumVolumes(node, own, access)];
    }),
  );
  const byNode = new Map(sums);
  const added = new Map(snippets.map((snippet) => [snippet.look.urn, lookInto(snippet, byNode.get(snippet.node))]));
  return looks.map((look) => added.get(look.urn) ?? look);
}

function snippetsOf(looks: readonly ResourceLook[], { deployment }: Deployment): Snippet[] {
  return deployment.resources
    .filter(({ urn }) => typeOf(urn) === "proxmoxve:index/fileLegacy:FileLegacy")
    .flatMap((resource): Snippet[] => {
      const look = looks.find(({ urn }) => urn === resource.urn);
      const lookup = adoptableKinds[typeOf(resource.urn)]?.lookup(resource.inputs);
      if (look === undefined || look.unchecked !== undefined || look.drifts.length > 0) return [];
      if (lookup?.kind !== "volume") return [];
      const { data } = resource.inputs["sourceRaw"] as { readonly data: string };
      return [{ look, resource, node: lookup.node, volumeId: lookup.volumeId, text: data }];
    });
}

function lookInto({ look, resource, volumeId, text }: Snippet, sums: OnNode<Sums> | undefined): ResourceLook {
  if (sums === undefined || sums.kind === "unreachable") {
    return { ...look, unchecked: { reason: sums?.reason ?? "nothing was looked for there", incomplete: true } };
  }
  const sum = sums.value.get(volumeId) ?? "";
  if (sum === sumOf(text)) return look;
  const is = sum === "" ? null : "another text of the same length";
  const was = `${Buffer.byteLength(text)} bytes`;
  return { ...look, drifts: [describeChange(resource, { path: "sourceRaw.data", was, is })] };
}
