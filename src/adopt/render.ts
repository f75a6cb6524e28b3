import Table from "cli-table3";
import type { Difference } from "./differences.ts";
import type { SortedResource } from "./sort-resources.ts";

/** What adopt has found out. */
export interface Report {
  readonly resources: readonly SortedResource[];
  readonly differences: readonly Difference[];
}

/**
 * Shows what is there and what is not, and below it what differs and what stands in the way.
 * @param width of the terminal, in characters
 */
export function renderReport({ resources, differences }: Report, width: number): string {
  const named = (resource: SortedResource) => `${resource.word} ${resource.name}`;
  const [words, names] = [resources.map(({ word }) => word), resources.map(({ name }) => name)].map((texts) =>
    Math.max(4, ...texts.map(({ length }) => length)),
  ) as [number, number];
  const table = new Table({
    head: ["", "Kind", "Name", "Finding"],
    colWidths: [3, words + 2, names + 2, Math.max(30, Math.min(78, width - words - names - 14))],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const resource of resources) {
    const own = differences.filter(({ urn }) => urn === resource.urn);
    const [mark, finding] = describe(resource, own);
    table.push([mark, resource.word, resource.name, finding]);
  }
  const byUrn = new Map(resources.map((resource) => [resource.urn, named(resource)]));
  const obstacles = resources.flatMap((resource) =>
    resource.found.kind === "obstacle"
      ? [`✗ ${named(resource)}\n  ${resource.found.text}\n  ${resource.found.remedy}`]
      : [],
  );
  const real = differences.filter(({ isDefault }) => !isDefault);
  const differing = [...new Set(real.map(({ urn }) => urn))].map((urn) =>
    renderDifferences(
      byUrn.get(urn) ?? urn,
      real.filter((difference) => difference.urn === urn),
    ),
  );
  return `${[table.toString(), ...obstacles, ...differing].join("\n\n")}\n`;
}

function describe({ found }: SortedResource, differences: readonly Difference[]): readonly [string, string] {
  switch (found.kind) {
    case "there":
      if (differences.some(({ replaces }) => replaces)) return ["✗", "Is there; up would replace it (see below)."];
      if (differences.some(({ isDefault }) => !isDefault)) return ["!", "Is there, and differs (see below)."];
      if (differences.length > 0) return ["✓", `Is there; ${writtenOut(differences)}`];
      return ["✓", "Is there, as the inventory says."];
    case "absent":
      return ["+", "Is not there; up creates it."];
    case "overwritten":
      return ["+", `${found.text} It is not adopted: up writes it anew.`];
    case "obstacle":
      return ["✗", found.text];
    case "unread":
      return ["✗", found.text];
    case "unsupported":
      return [
        "✗",
        "This type cannot be adopted: if it is there, remove it from the server before up creates it, or import it by hand.",
      ];
  }
}

/** The provider reads nothing where Proxmox VE goes by a default, and gives no rest until it is written. */
function writtenOut(differences: readonly Difference[]): string {
  const names = differences.map(({ property }) => property).join(", ");
  return `up changes nothing in force, and writes out what Proxmox VE goes by without a word: ${names}.`;
}

function renderDifferences(name: string, differences: readonly Difference[]): string {
  const replaced = differences.some(({ replaces }) => replaces);
  return [
    `${replaced ? "✗" : "!"} ${name}`,
    ...differences.map(({ property, was, is, place, replaces }) => {
      const where = place.key === undefined ? "the program itself" : `${place.key} in ${place.file ?? ""}`;
      const said = is === "" ? "the inventory leaves it to the provider" : `the inventory says ${show(is)}`;
      return `  ${property}: is ${show(was)}, ${said}${replaces ? " (replaces it)" : ""}\n    ${where}`;
    }),
    replaced
      ? "  Correct the inventory: until then up refuses, because what was adopted is protected."
      : "  Correct the inventory, or let up change it.",
  ].join("\n");
}

function show(value: unknown): string {
  if (value === "") return "nothing";
  return JSON.stringify(value);
}
