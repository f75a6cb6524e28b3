import type { Inventory } from "../../inventory/inventory.ts";
import { guestsOf, isDebian, type NamedGuest } from "../guests.ts";
import type { StepPlan } from "../steps.ts";
import { planDataDisks } from "./data-disks.ts";
import { planGitLab } from "./gitlab/plan-gitlab.ts";
import { planGitLabRunner } from "./gitlab/plan-runner.ts";
import { planGrafana } from "./grafana.ts";
import { planInfluxDb } from "./influxdb.ts";
import { planPrometheus } from "./prometheus.ts";
import { planSystem } from "./system.ts";
import { planTraefik } from "./traefik.ts";

/** What is brought about in one guest, in this order. */
export interface GuestStepsPlan {
  /** Name of the guest. */
  readonly guest: string;
  readonly steps: readonly StepPlan[];
}

const planners = {
  gitlab: planGitLab,
  "gitlab-runner": planGitLabRunner,
  grafana: planGrafana,
  influxdb: planInfluxDb,
  prometheus: planPrometheus,
  traefik: planTraefik,
} as const;

/** Decides what each guest is set up with. */
export function planServices(inventory: Inventory): GuestStepsPlan[] {
  return guestsOf(inventory).map((named) => ({
    guest: named.name,
    steps: isDebian(named)
      ? [...planDataDisks(named), ...planSystem(named, inventory), ...planOwn(named, inventory)]
      : [],
  }));
}

function planOwn(named: NamedGuest, inventory: Inventory): StepPlan[] {
  const { runs } = named.guest;
  return runs === undefined ? [] : planners[runs](named, inventory);
}
