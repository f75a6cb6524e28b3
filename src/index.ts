import { join } from "node:path";
import { getStack } from "@pulumi/pulumi";
import { Homelab } from "./components/homelab.ts";
import { loadEdited } from "./edits/load-edited.ts";
import { refuseLoss } from "./edits/refuse-loss.ts";
import { readAppliedSteps } from "./provision/applied-steps.ts";
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
  const observed = await observeSteps(plan.steps, await loadSshAccess(settings));
  const applied = readAppliedSteps(state);
  const homelab = new Homelab("homelab", { plan, settings, observed, applied, renames, pending });
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
