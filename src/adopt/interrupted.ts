import { z } from "zod";
import { Deployment } from "./engine-files.ts";
import { adoptableKinds } from "./kinds.ts";
import { typeOf } from "./sort-resources.ts";
import { assumeState } from "./state.ts";

type StateResource = Deployment["deployment"]["resources"][number];

const Operation = z.object({
  type: z.string(),
  resource: Deployment.shape.deployment.shape.resources.unwrap().element,
});
const Pending = z.object({ deployment: z.object({ pending_operations: z.array(Operation).nullish() }) });

/** What a run was doing to a resource when it was cut off; the engine notes it before it asks the provider. */
export type PendingOperation = z.infer<typeof Operation>;

/** What the last run has begun, and not recorded the end of. */
export function pendingOperations(state: Deployment): PendingOperation[] {
  return Pending.parse(state).deployment.pending_operations ?? [];
}

/**
 * Makes the state of which a run can go on: what was created is in it as it was meant to be, nothing is pending, and the next
 * one looks first what there really is where it cannot know.
 * @param created the URNs of what is on the server though nobody has recorded it
 */
export function takeUp({ deployment, ...rest }: Deployment, created: ReadonlySet<string>): Deployment {
  const operations = pendingOperations({ deployment, ...rest });
  const adopted = new Map(
    operations
      .filter(({ type, resource }) => type === "creating" && created.has(resource.urn))
      .map(({ resource }) => [resource.urn, adopt(resource)] as const),
  );
  const touched = new Set(operations.filter(mustBeRead).map(({ resource }) => resource.urn));
  // What was being replaced is still there in the state, deleted; what took its place depends on nothing behind it.
  const known = deployment.resources.map((resource) => {
    const successor = isReplaced(resource) ? adopted.get(resource.urn) : undefined;
    return successor ?? (touched.has(resource.urn) ? { ...resource, refreshBeforeUpdate: true } : resource);
  });
  const inPlace = new Set(known);
  const added = [...adopted.values()].filter((resource) => !inPlace.has(resource));
  return { ...rest, deployment: { ...deployment, resources: [...known, ...added], pending_operations: [] } };
}

function adopt(resource: StateResource): StateResource {
  const kind = adoptableKinds[typeOf(resource.urn)];
  if (kind === undefined) throw new Error(`${resource.urn} was not checked to be adoptable.`);
  const id = (kind.stateId ?? kind.importId)(resource.inputs);
  const { inputs = {}, outputs = {} } = assumeState(id, resource.inputs, kind.stateDefaults ?? {}, {});
  return { ...resource, id, inputs, outputs, refreshBeforeUpdate: true };
}

function isReplaced(resource: StateResource): boolean {
  return resource["pendingReplacement"] === true;
}

/**
 * What was being deleted may be gone. What was being changed is changed once more, to the same effect: were it read, half of a
 * change would pass for all of it, and a guest would never be started again for the rest.
 */
function mustBeRead({ type, resource: { urn } }: PendingOperation): boolean {
  if (type === "updating") return adoptableKinds[typeOf(urn)]?.changedByDifference === true;
  // No provider could read a step: it is brought about again.
  return type === "deleting" && typeOf(urn).startsWith("proxmoxve:");
}
