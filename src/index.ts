import "./end-with-engine.ts";
import "./readable-errors.ts";
import { join } from "node:path";
import { getStack } from "@pulumi/pulumi";
import { Homelab } from "./components/homelab.ts";
import { loadInventory } from "./inventory/load.ts";
import { planHomelab } from "./plan/plan.ts";
import { askAppliedSteps } from "./provision/applied-steps.ts";
import { observeSteps } from "./provision/observe-steps.ts";
import { loadSettings, loadSshAccess } from "./settings.ts";

const plan = planHomelab(loadInventory(join(import.meta.dirname, "..")));
const settings = loadSettings(
  getStack(),
  plan.secrets,
  plan.nodes.map(({ name }) => name),
);
const observed = await observeSteps(plan.steps, await loadSshAccess(settings));
const applied = await askAppliedSteps(fullStackName(), plan.steps, observed);
const homelab = new Homelab("homelab", { plan, settings, observed, applied });

/** The nodes that this homelab spans. */
export const nodes = plan.nodes.map(({ name, model, address }) => ({ name, model, address }));
/** Where each guest is found. */
export const guests = homelab.guests;
/** Where services answer that a browser can open, by guest. */
export const { urls } = plan.outputs;
/** What is kept where. */
export const { storages } = plan.outputs;
/** Which backups each guest gets. */
export const { backupCoverage } = plan.outputs;

/** As `--stack` takes it: with its organization, where that was given. */
function fullStackName(): string {
  const given = process.env["PULUMI_STACK"];
  return given?.endsWith(`/${getStack()}`) === true ? given : getStack();
}
