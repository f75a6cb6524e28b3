import type { Preview } from "../src/adopt/engine-files.ts";
import { planImport, type ImportedResource } from "../src/adopt/import-list.ts";
import { adoptableKinds } from "../src/adopt/kinds.ts";
import type { SortedResource } from "../src/adopt/sort-resources.ts";
import { assumeState, completeState, hasSecret, transferState } from "../src/adopt/state.ts";
import type { AdoptingStack, FullPreview } from "./adopting-stack.ts";
import { withTrialStack } from "./trial-stack.ts";

/** What is tried. */
export interface Trial {
  readonly project: string;
  readonly stack: string;
  readonly own: AdoptingStack;
  /** What the program would do with the user's stack. */
  readonly planned: FullPreview;
  readonly there: readonly SortedResource[];
}

/** What came of it. */
export interface TrialResult {
  /** What the program would do after the import. */
  readonly preview: Preview;
  /** By what each resource is imported into the user's stack, by URN. */
  readonly imported: ReadonlyMap<string, ImportedResource>;
}

/** Imports into a copy of the stack, reads what is there, and asks the engine what would be left to do. */
export async function tryImport({ project, stack, own, planned, there }: Trial): Promise<TrialResult> {
  const prefix = (there[0]?.urn ?? "").split("::").slice(0, 2).join("::");
  const plain = there.some(({ inputs }) => hasSecret(inputs))
    ? (await own.previewFully({ showSecrets: true })).inputs
    : planned.inputs;
  const assumed = there.map(({ urn, type, inputs }) => {
    const { importId, stateDefaults } = kindOf(type);
    const id = importId(inputs);
    return [
      urn,
      stateDefaults === undefined ? { id } : assumeState(id, inputs, stateDefaults, plain.get(urn) ?? {}),
    ] as const;
  });
  const unsaid = new Map(
    there.flatMap(({ urn, type }) => {
      const { unsaid: values } = kindOf(type);
      return values === undefined ? [] : [[urn, values] as const];
    }),
  );
  return withTrialStack(project, stack, async (trial) => {
    await trial.import(planImport(planned.list, prefix, new Map(assumed)));
    await trial.refresh(there.map(({ urn }) => urn));
    const state = completeState(await trial.readState(), unsaid);
    await trial.writeState(state);
    const read = new Map(state.deployment.resources.map((resource) => [resource.urn, resource]));
    const imported = assumed.map(([urn, resource]) => {
      const own = read.get(urn);
      if (own === undefined || !("outputs" in resource || unsaid.has(urn))) return [urn, resource] as const;
      return [urn, transferState(own.id ?? resource.id, own, planned.inputs.get(urn) ?? {})] as const;
    });
    return { preview: await trial.preview(), imported: new Map(imported) };
  });
}

function kindOf(type: string) {
  const kind = adoptableKinds[type];
  if (kind === undefined) throw new Error(`${type} was not checked to be adoptable.`);
  return kind;
}
