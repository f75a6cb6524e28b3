import { z } from "zod";

/** One resource of the list that `pulumi import --file` takes, as far as it is looked at. */
const ImportEntry = z.looseObject({
  type: z.string(),
  name: z.string(),
  logicalName: z.string().optional(),
  id: z.string().optional(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  component: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
/** The list that `pulumi preview --import-file` writes, without IDs, and `pulumi import --file` takes. */
export const ImportList = z.object({
  nameTable: z.record(z.string(), z.string()).default({}),
  resources: z.array(ImportEntry).default([]),
});
/** The resources to import, with their parents. */
export type ImportList = z.infer<typeof ImportList>;
/** One resource to import, or a component or provider that it needs. */
export type ImportEntry = z.infer<typeof ImportEntry>;

const State = z.looseObject({
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
});
/** What `pulumi preview --json` prints. */
export const Preview = z.object({
  steps: z
    .array(
      z.object({
        op: z.string(),
        urn: z.string(),
        newState: State.optional(),
        oldState: State.optional(),
        diffReasons: z.array(z.string()).nullish(),
        replaceReasons: z.array(z.string()).nullish(),
        detailedDiff: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .default([]),
  diagnostics: z
    .array(z.object({ urn: z.string().optional(), severity: z.string().optional(), message: z.string().optional() }))
    .default([]),
});
/** What a run of the program would do. */
export type Preview = z.infer<typeof Preview>;
/** What a run would do to one resource. */
export type PreviewStep = Preview["steps"][number];

const Goal = z.object({ inputDiff: z.object({ adds: z.record(z.string(), z.unknown()).default({}) }).nullish() });
/** What `pulumi preview --save-plan` writes: it alone has secrets, encrypted for the stack. */
export const UpdatePlan = z.object({
  resourcePlans: z.record(z.string(), z.object({ goal: Goal.nullish() })).default({}),
});
/** The inputs of all resources that are to be created, by URN. */
export type UpdatePlan = z.infer<typeof UpdatePlan>;

/** What `pulumi stack export` prints, and `pulumi stack import` takes. */
export const Deployment = z.looseObject({
  deployment: z.looseObject({
    resources: z
      .array(
        z.looseObject({
          urn: z.string(),
          id: z.string().optional(),
          dependencies: z.array(z.string()).nullish(),
          propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).nullish(),
          deletedWith: z.string().nullish(),
          ...State.shape,
        }),
      )
      .default([]),
  }),
});
/** The state of a stack. */
export type Deployment = z.infer<typeof Deployment>;
