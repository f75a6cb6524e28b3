import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Deployment, type Preview } from "../src/adopt/engine-files.ts";
import { ResourceFinder } from "../src/adopt/find-resource.ts";
import { typeOf } from "../src/adopt/sort-resources.ts";
import { parseToken, renderTokenId, type TokenId } from "../src/doctor/token.ts";
import { addPolicies } from "../src/drift/add-policies.ts";
import type { Look } from "../src/drift/drift.ts";
import type { LookAt } from "../src/drift/fixable.ts";
import { acceptOthers } from "../src/drift/accept-others.ts";
import { addCauses } from "../src/drift/find-causes.ts";
import { addHiddenDrift } from "../src/drift/find-hidden-drift.ts";
import { findPoolDrift } from "../src/drift/find-pool-drift.ts";
import { findResourceDrift, type ResourceLook } from "../src/drift/find-resource-drift.ts";
import { addSnippetDrift } from "../src/drift/find-snippet-drift.ts";
import { appliedPlaces, findStepDrift } from "../src/drift/find-step-drift.ts";
import { findUnmanaged } from "../src/drift/find-unmanaged.ts";
import { gatherKnown } from "../src/drift/known.ts";
import { readEvents } from "../src/drift/read-events.ts";
import { keepVmids } from "../src/edits/keep-vmids.ts";
import { loadInventory } from "../src/inventory/load.ts";
import { planHomelab, type HomelabPlan } from "../src/plan/plan.ts";
import { readAppliedSteps } from "../src/provision/applied-steps.ts";
import { placesAsBuilt } from "../src/provision/built-places.ts";
import { observeSteps } from "../src/provision/observe-steps.ts";
import type { Access } from "../src/provision/on-node.ts";
import type { ReadApi } from "../src/proxmox/read-api.ts";
import { readBuilt, type Built } from "../src/state/built.ts";
import { nodeAccess } from "./node-access.ts";
import { runPulumi } from "./pulumi-command.ts";
import { withServer } from "./stack-server.ts";
import { readStackSettings, StackError } from "./stack-settings.ts";
import { withFolder } from "./with-folder.ts";

/**
 * Looks everywhere for what is not as a stack's last up has left it; changes nothing.
 * @throws {StackError} where there is nothing to compare with, or the engine cannot look
 */
export async function lookForDrift(project: string, stack: string): Promise<LookAt[]> {
  const inventory = loadInventory(project);
  const settings = await readStackSettings(project, stack);
  const { endpoint, apiToken } = settings;
  const token = parseToken(apiToken ?? "");
  if (endpoint === undefined || apiToken === undefined || token === undefined) {
    throw new StackError(
      `The stack ${stack} has no endpoint or no token, so that nobody can look. See what it needs with:\n  npm run doctor -- --stack ${stack}`,
    );
  }
  return withServer(stack, settings, async ({ api }) => {
    await findAnswer(stack, endpoint, api);
    const state = await readState(project, stack);
    const built = readBuilt(state.deployment.resources);
    const plan = planHomelab(keepVmids(inventory, built));
    const preview = await refresh(project, stack, state);
    const told = await findResourceDrift(state, preview, new ResourceFinder(api));
    const access = nodeAccess(settings);
    const read = await addSnippetDrift(await addHiddenDrift(told, state, api), state, access);
    const resources = addPolicies(read, state, plan.driftPolicies);
    const [steps, others] = await Promise.all([
      lookAtSteps({ plan, state, built, resources }, access),
      lookAtServer({ plan, state, resources, token }, api),
    ]);
    return [...others.resources, ...steps, ...others.pools, ...acceptOthers(others.unmanaged, plan.others)];
  });
}

/** Where there is none, the provider would ask again and again for each resource. */
async function findAnswer(stack: string, endpoint: string, api: ReadApi): Promise<void> {
  const version = await api.read("/version", z.unknown());
  if (version.kind === "read") return;
  throw new StackError(
    `Nobody can look, for ${endpoint} does not answer as it should: ${version.message}\nSee why:\n  npm run doctor -- --stack ${stack}`,
  );
}

interface Facts {
  readonly plan: HomelabPlan;
  readonly state: Deployment;
  readonly resources: readonly ResourceLook[];
}

async function readState(project: string, stack: string): Promise<Deployment> {
  const { code, output, messages } = await runPulumi(project, stack, ["stack", "export"]);
  if (code !== 0) throw new StackError(`Pulumi does not tell the state of the stack ${stack}:\n${messages.trim()}`);
  const state = Deployment.parse(JSON.parse(output));
  if (state.deployment.resources.some(({ urn }) => typeOf(urn).startsWith("proxmoxve:"))) return state;
  throw new StackError(
    `The stack ${stack} has no resources yet, so that nothing of it can have drifted. Make them with:\n  npm run pulumi -- up --stack ${stack}`,
  );
}

/** Lets the engine read all resources again; what it cannot read is among what it tells, unless it could not even begin. */
async function refresh(project: string, stack: string, state: Deployment): Promise<Preview> {
  const { code, messages, preview } = await withFolder(async (folder) => {
    const log = join(folder, "events.json");
    // The engine hides this option from all but those who ask for it.
    const place = { folder: project, environment: { PULUMI_DEBUG_COMMANDS: "true" } };
    const run = await runPulumi(project, stack, ["refresh", "--preview-only", "--event-log", log], "", place);
    return { ...run, preview: existsSync(log) ? readEvents(readFileSync(log, "utf8")) : undefined };
  });
  const errors = (preview?.diagnostics ?? []).filter(({ severity }) => severity === "error");
  const known = new Set(state.deployment.resources.map(({ urn }) => urn));
  const isAboutResources = errors.some(({ urn = "" }) => known.has(urn) && typeOf(urn).startsWith("proxmoxve:"));
  if (preview !== undefined && (code === 0 || isAboutResources)) return preview;
  const said = errors.map(({ message = "" }) => message.trim()).join("\n") || messages.trim();
  if (said.includes("the stack is currently locked by")) {
    throw new StackError(
      `Another run has the stack ${stack}, and its half-done work is no drift. Run this again after its end; what a killed\none has left is taken up by:\n  npm run up -- --stack ${stack}`,
    );
  }
  throw new StackError(
    `Pulumi cannot read what there is of the stack ${stack}:\n${said}\nSee whether the server answers and the token is right:\n  npm run doctor -- --stack ${stack}`,
  );
}

async function lookAtSteps(
  { plan, state, built, resources }: Facts & { readonly built: Built },
  access: Access,
): Promise<Look[]> {
  const applied = readAppliedSteps(state.deployment.resources);
  const placed = appliedPlaces(placesAsBuilt(plan.steps, built), applied);
  return findStepDrift(placed, { applied, observed: await observeSteps(placed, access) }, resources);
}

async function lookAtServer({ plan, state, resources, token }: Facts & { readonly token: TokenId }, api: ReadApi) {
  const ourselves = renderTokenId(token);
  const nodes = plan.nodes.map(({ name }) => name);
  const [pools, unmanaged] = await Promise.all([
    findPoolDrift(plan.nodes, api),
    findUnmanaged(gatherKnown(state, plan, token), nodes, api),
  ]);
  return {
    pools,
    resources: await Promise.all(
      resources.map(async (look) => ({ ...look, drifts: await addCauses(look.drifts, look.guest, ourselves, api) })),
    ),
    unmanaged: await Promise.all(
      unmanaged.map(async (look) => ({
        ...look,
        drifts: (
          await Promise.all(look.drifts.map(({ guest, ...drift }) => addCauses([drift], guest, ourselves, api)))
        ).flat(),
      })),
    ),
  };
}
