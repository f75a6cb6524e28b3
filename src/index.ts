import { join } from "node:path";
import { getStack } from "@pulumi/pulumi";
import { Homelab } from "./components/homelab.ts";
import { loadEdited } from "./edits/load-edited.ts";
import { refuseLoss } from "./edits/refuse-loss.ts";
import { readAppliedSteps } from "./provision/applied-steps.ts";
import { placesAsBuilt, replacedGuests } from "./provision/built-places.ts";
import { observeSteps } from "./provision/observe-steps.ts";
import { loadSettings, loadSshAccess } from "./settings.ts";
import { readOwnState } from "./state/read-own-state.ts";

/** The Pulumi program: provisions the homelab that the inventory describes, and returns the outputs of the stack. */
export default async function program() {
  const project = join(import.meta.dirname, "..");
  const state = await readOwnState(fullStackName());
  const edited = loadEdited(project, state);
  const { plan, renames } = edited;
  const settings = loadSettings(
    getStack(),
    plan.secrets,
    plan.nodes.map(({ name }) => name),
  );
  const pending = await refuseLoss(edited, settings);
  // A guest that is moved before the engine runs is not replaced: what is set up in it is looked at where it is now.
  const replaced = [...replacedGuests(plan.steps, edited.built)].filter((name) => !pending.has(name));
  const history = { applied: readAppliedSteps(state), replaced: new Set(replaced) };
  const kept = placesAsBuilt(plan.steps, edited.built).filter(({ name }) => !history.replaced.has(name));
  const observed = await observeSteps(kept, await loadSshAccess(settings));
  const homelab = new Homelab("homelab", { plan, settings, observed, history, renames, pending });
  return {
    /** The nodes that this homelab spans. */
    nodes: plan.nodes.map(({ name, model, address }) => ({ name, model, address })),
    /** Where each guest is found. */
    guests: homelab.guests,
    /** Where services answer that a browser can open, by guest. */
    urls: plan.outputs.urls,
    /** What is kept where. */
    storages: plan.outputs.storages,
    /** Which backups each guest gets. */
    backupCoverage: plan.outputs.backupCoverage,
  };
}

/** As `--stack` takes it: with its organization, where that was given. */
function fullStackName(): string {
  const given = process.env["PULUMI_STACK"];
  return given?.endsWith(`/${getStack()}`) === true ? given : getStack();
}
