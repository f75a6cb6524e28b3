import type { types } from "@pulumi/command";
import { Command } from "@pulumi/command/remote/command.js";
import {
  all,
  type ComponentResourceOptions,
  type CustomTimeouts,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import type { PlacedStepsPlan, StepPlan } from "../../plan/steps.ts";
import type { Revisions, StepRevision } from "../../provision/decide-revisions.ts";
import { renderApply, renderForget } from "../../provision/render-commands.ts";
import { fileDigests, renderStep, secretsOf } from "../../provision/render-step.ts";
import { resolved } from "../../plan/resolved.ts";
import { HomelabComponent } from "../component.ts";

/** What steps are applied with. */
export interface ProvisioningArgs {
  readonly plan: PlacedStepsPlan;
  readonly revisions: Revisions;
  /** To the node. */
  readonly connection: types.input.remote.ConnectionArgs;
  /** By the name of the setting. */
  readonly secrets: Readonly<Record<string, Output<string>>>;
  /** The guest, with which the steps go when it is deleted or made anew; none for a node. */
  readonly guest: { readonly resource: Resource; readonly vmid: Output<number> } | undefined;
  /** What has to be there first. */
  readonly after: readonly Resource[];
}

/** What is set up in a guest or on a node: files, packages and services, step by step, each one a command over SSH to the node. */
export class Provisioning extends HomelabComponent {
  /** What steps print for others, by the step's name. */
  readonly results: Readonly<Record<string, Output<string>>>;

  constructor(name: string, args: ProvisioningArgs, options: ComponentResourceOptions) {
    super("services:Provisioning", name, options);
    const { plan, revisions, after } = args;
    const results: Record<string, Output<string>> = {};
    let previous: readonly Resource[] = [];
    for (const step of plan.steps) {
      const command = this.#createCommand(step, revisions.steps.get(step.name), args, [...after, ...previous]);
      if (step.result !== undefined) results[step.name] = command.stdout;
      previous = [command];
    }
    this.results = results;
    this.registerOutputs({ steps: plan.steps.map(({ name: step }) => step) });
  }

  #createCommand(
    step: StepPlan,
    { revision, unseen }: StepRevision = { revision: 1, unseen: false },
    { plan, connection, secrets, guest }: ProvisioningArgs,
    dependsOn: readonly Resource[],
  ): Command {
    const { place } = plan;
    return new Command(
      step.name,
      {
        connection,
        create: renderApply(place, step.name),
        delete: renderForget(place, step.name, revision),
        stdin: stdinOf(step, revision, secrets),
        logging: "stderr",
        addPreviousOutputInEnv: false,
        // What a guest that was made anew has is nothing: its VMID stands for it, and makes the engine look.
        triggers: [...(guest === undefined ? [] : [guest.vmid]), `revision ${revision}`, ...fileDigests(step)],
      },
      {
        parent: this,
        dependsOn: [...dependsOn],
        ...(guest === undefined ? {} : { deletedWith: guest.resource }),
        ignoreChanges: unseen ? ["create", "delete", "stdin", "triggers"] : [],
        additionalSecretOutputs: step.result === undefined ? [] : ["stdout"],
        customTimeouts: timeouts(step),
      },
    );
  }
}

/** An hour where the step does not say: packages come over slow lines, too. */
function timeouts({ timeoutSeconds = 3600 }: StepPlan): CustomTimeouts {
  return { create: `${timeoutSeconds}s`, update: `${timeoutSeconds}s` };
}

/** Only what has secrets in it is hidden from a preview. */
function stdinOf(step: StepPlan, revision: number, secrets: Readonly<Record<string, Output<string>>>): Input<string> {
  const names = secretsOf(step);
  if (names.length === 0) return renderStep(step, revision, {});
  const values = Object.fromEntries(names.map((name) => [name, resolved(secrets, name)]));
  return all(values).apply((known) => renderStep(step, revision, known));
}
