import { resolve } from "node:path";
import { loadInventory } from "../../src/inventory/load.ts";
import { planServices } from "../../src/plan/services/plan-services.ts";
import type { Place, StepPlan } from "../../src/plan/steps.ts";
import { renderQuestions } from "../../src/provision/observe-steps.ts";
import { renderApply, renderObserve } from "../../src/provision/render-commands.ts";
import { renderStep, secretsOf } from "../../src/provision/render-step.ts";
import { guestsOf } from "../../src/plan/named-guests.ts";
import type { World } from "../../simulator/src/world.ts";
import { test as base, type Outcome } from "../simulator/machine-test.ts";

const inventory = loadInventory(resolve(import.meta.dirname, "../.."));
const template = "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst";
const image = "import/debian-13-genericcloud-amd64.qcow2";
const snippet = "snippets/user.yaml";

/** A guest of the simulator in which the shipped homelab's steps are applied, as the program does it. */
export interface GuestPlace {
  readonly vmid: number;
  readonly steps: readonly StepPlan[];
  /** Runs a script inside, and expects it to succeed: only its output. */
  readonly run: (script: string) => Promise<string>;
  /** Applies a step on behalf of the node. */
  readonly apply: (step: StepPlan) => Promise<Outcome>;
  /** Applies all steps, and expects them to succeed. */
  readonly applyAll: () => Promise<Outcome[]>;
  /** What is told of each step. */
  readonly observe: () => Promise<string[]>;
}

/** A test that makes guests. */
export const test = base.extend<{ readonly makeGuest: (software: string) => Promise<GuestPlace> }>({
  makeGuest: async ({ world, sh, out }, use) => {
    await use(async (software) => {
      const { place, steps } = stepsOf(software);
      const { kind, vmid } = place;
      if (kind === "container") {
        await out(`pct create ${vmid} ${template} --rootfs local-zfs:8 --hostname guest --start 1`);
      } else {
        addImage(world);
        await out(
          `qm create ${vmid} --name guest --agent 1 --scsihw virtio-scsi-single --ide2 local-zfs:cloudinit --cicustom user=local:${snippet} --scsi0 local-zfs:0,import-from=local:${image} --scsi1 local-zfs:8`,
        );
        await out(`qm start ${vmid}`);
        await out("sleep 60");
      }
      const apply = (step: StepPlan) => sh(renderApply(place, step.name), renderStep(step, 1, madeUp(step)));
      return {
        vmid,
        steps,
        run: async (script) => {
          const words = `sh -euc '${script.replaceAll("'", `'\\''`)}'`;
          if (kind === "container") return out(`pct exec ${vmid} -- ${words}`);
          return insideMachine(await out(`qm guest exec ${vmid} -- ${words}`));
        },
        apply,
        applyAll: async () => {
          const outcomes: Outcome[] = [];
          for (const step of steps) {
            const outcome = await apply(step);
            if (outcome.code !== 0) throw new Error(outcome.err);
            outcomes.push(outcome);
          }
          return outcomes;
        },
        observe: async () => {
          const answer = await out(renderObserve(place), renderQuestions(steps));
          return (kind === "container" ? answer : insideMachine(answer)).trimEnd().split("\n");
        },
      };
    });
  },
});

interface GuestSteps {
  readonly place: Exclude<Place, { kind: "node" }>;
  readonly steps: readonly StepPlan[];
}

function stepsOf(software: string): GuestSteps {
  const named = guestsOf(inventory).find(({ guest }) => guest.runs === software);
  const placed = planServices(inventory).find(({ name }) => name === named?.name);
  if (placed === undefined || placed.place.kind === "node") throw new Error(`No guest runs ${software}.`);
  return { place: placed.place, steps: placed.steps };
}

function madeUp(step: StepPlan): Record<string, string> {
  return Object.fromEntries(secretsOf(step).map((name) => [name, `made-up-${name}`]));
}

/** A cloud image, and user data that installs the guest agent. */
function addImage(world: World): void {
  world.transaction(() => {
    const { storages, volumes } = world.state;
    if (storages["local"] !== undefined) storages["local"].config["content"] = "import,snippets";
    const created = 1_760_000_000;
    const data = Buffer.from("#cloud-config\npackages: [qemu-guest-agent]\n").toString("base64");
    Object.assign((volumes["pve-01/local"] ??= {}), {
      [image]: { name: image, content: "import", format: "qcow2", size: 420_000_000, created },
      [snippet]: { name: snippet, content: "snippets", format: "snippet", size: 48, created, data },
    });
  });
}

/** What a command inside has printed. */
function insideMachine(answer: string): string {
  const { exitcode, "out-data": out = "", "err-data": err = "" } = JSON.parse(answer) as Record<string, unknown>;
  if (exitcode !== 0) throw new Error(`It ended with ${String(exitcode)}: ${String(err)}`);
  return String(out);
}
