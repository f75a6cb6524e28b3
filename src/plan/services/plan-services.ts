import type { Inventory } from "../../inventory/inventory.ts";
import { vmidOf } from "../../inventory/vmid.ts";
import { guestsOf, isDebian, type NamedGuest } from "../named-guests.ts";
import { resolved } from "../resolved.ts";
import type { Place, PlacedStepsPlan, StepPlan } from "../steps.ts";
import { planAuthorizedKeys } from "./authorized-keys.ts";
import { planDataDisks } from "./data-disks.ts";
import { planGitLab } from "./gitlab/plan-gitlab.ts";
import { planGitLabRunner } from "./gitlab/plan-runner.ts";
import { planGrafana } from "./grafana.ts";
import { planInfluxDb } from "./influxdb.ts";
import { planPrometheus } from "./prometheus.ts";
import { planSystem } from "./system.ts";
import { planTraefik } from "./traefik.ts";

const planners = {
  gitlab: planGitLab,
  "gitlab-runner": planGitLabRunner,
  grafana: planGrafana,
  influxdb: planInfluxDb,
  prometheus: planPrometheus,
  traefik: planTraefik,
} as const;

/** Decides what each guest is set up with. */
export function planServices(inventory: Inventory): PlacedStepsPlan[] {
  return guestsOf(inventory).map((named) => ({
    name: named.name,
    place: placeOf(named, inventory),
    // Keys come first: no other step that fails keeps a removed one.
    steps: isDebian(named)
      ? [
          planAuthorizedKeys(named, inventory),
          ...planDataDisks(named),
          ...planSystem(named, inventory),
          ...planOwn(named, inventory),
        ]
      : [],
    onDrift: named.guest.onDrift,
  }));
}

function placeOf({ kind, guest }: NamedGuest, { networks }: Inventory): Place {
  const vmid = vmidOf(guest, resolved(networks, guest.network));
  return { kind: kind === "containers" ? "container" : "machine", node: guest.node, vmid };
}

function planOwn(named: NamedGuest, inventory: Inventory): StepPlan[] {
  const { runs } = named.guest;
  return runs === undefined ? [] : planners[runs](named, inventory);
}
