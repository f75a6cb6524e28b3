import type { HomelabPlan } from "../src/plan/plan.ts";
import { renderTopologyMermaid } from "../src/topology/render-topology-mermaid.ts";
import { renderTopologySvg } from "../src/topology/render-topology-svg.ts";

const begin = "<!-- topology: begin (npm run topology writes what follows) -->";
const end = "<!-- topology: end -->";

/** A Markdown file has no place for the flowchart. */
export class MissingMarkersError extends Error {
  override readonly name = "MissingMarkersError";

  constructor() {
    super(`The flowchart has no place in the text. Write these two lines where it shall be:\n${begin}\n${end}`);
  }
}

/** The pictures of a homelab, by file name. */
export function renderTopologyFiles(plan: HomelabPlan): Record<"topology.mmd" | "topology.svg", string> {
  return { "topology.svg": renderTopologySvg(plan), "topology.mmd": renderTopologyMermaid(plan) };
}

/**
 * Puts the flowchart between the markers of a Markdown text.
 * @throws {MissingMarkersError} where the markers are not there once each, in their order
 */
export function embedTopology(markdown: string, mermaid: string): string {
  const [before, inside, ...more] = markdown.split(begin);
  const [, after, ...rest] = (inside ?? "").split(end);
  if (before === undefined || after === undefined || more.length > 0 || rest.length > 0) {
    throw new MissingMarkersError();
  }
  return `${before}${begin}\n\n\`\`\`mermaid\n${mermaid}\`\`\`\n\n${end}${after}`;
}
