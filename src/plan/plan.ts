import type { Inventory } from "../inventory/inventory.ts";
import { planBackups, type BackupJobPlan } from "./backups.ts";
import { planContainers, type ContainerPlan } from "./containers.ts";
import { planDriftPolicies, type DriftPolicies } from "./drift-policies.ts";
import { planFirewall, type FirewallPlan } from "./firewall.ts";
import { planHardware, type HardwarePlan } from "./hardware.ts";
import { planHostSteps } from "./host-steps.ts";
import { planNodes, type NodePlan } from "./hosts.ts";
import { planImages, type ImagePlan } from "./images.ts";
import { planMachines, type MachinePlan } from "./machines.ts";
import { planMetricServer, type MetricServerPlan } from "./metric-server.ts";
import { planNetworks, type NetworkPlan } from "./networks.ts";
import { planOutputs, type OutputsPlan } from "./outputs.ts";
import { planGeneratedSecrets, planSecrets } from "./secrets.ts";
import { planServices } from "./services/plan-services.ts";
import { sshKeysOf } from "./ssh-keys.ts";
import type { PlacedStepsPlan } from "./steps.ts";
import { planStorages, type StoragePlan } from "./storages.ts";
import { planTalosClusters, type TalosClusterPlan } from "./talos.ts";
import { planWaivers, planWarnings } from "./warnings.ts";

/** Who may log in to guests, decided. */
export interface AccessPlan {
  /** Public keys, in the order of their names. */
  readonly sshKeys: readonly string[];
}

/** Something on the server that is no matter of this program, and belongs there; as drift tells of it. */
export interface OtherPlan {
  readonly what: string;
  readonly where?: string | undefined;
  readonly is?: string | undefined;
}

/** Everything that the components build, decided: plain frozen data. */
export interface HomelabPlan {
  /** With their pools and bridges. */
  readonly nodes: readonly NodePlan[];
  readonly hardware: readonly HardwarePlan[];
  readonly networks: readonly NetworkPlan[];
  readonly storages: readonly StoragePlan[];
  readonly images: readonly ImagePlan[];
  readonly containers: readonly ContainerPlan[];
  readonly machines: readonly MachinePlan[];
  readonly talosClusters: readonly TalosClusterPlan[];
  /** What is set on nodes, and brought about in guests once they run; only places where there is something to do. */
  readonly steps: readonly PlacedStepsPlan[];
  /** Absent where no guest takes measurements. */
  readonly metricServer?: MetricServerPlan;
  readonly firewall: FirewallPlan;
  readonly backups: readonly BackupJobPlan[];
  readonly access: AccessPlan;
  /** What becomes of drift, where it is not just told. */
  readonly driftPolicies: DriftPolicies;
  /** The secret settings that the stack needs, by name, each with the reason. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Those of them for which a random value will do. */
  readonly generatedSecrets: readonly string[];
  /** Sentences to print on every run. */
  readonly warnings: readonly string[];
  readonly others: readonly OtherPlan[];
  /** Sentences to print on every run. */
  readonly waivers: readonly string[];
  readonly outputs: OutputsPlan;
}

/** Decides the whole homelab; the order of the inventory's entries changes nothing. */
export function planHomelab(inventory: Inventory): HomelabPlan {
  const nodes = planNodes(inventory);
  const storages = planStorages(inventory);
  const containers = planContainers(inventory);
  const machines = planMachines(inventory);
  const talosClusters = planTalosClusters(inventory);
  const backups = planBackups(inventory);
  const steps = planSteps(inventory);
  const metricServer = planMetricServer(inventory);
  return deepFreeze({
    nodes,
    hardware: planHardware(inventory),
    networks: planNetworks(inventory),
    storages,
    images: planImages(inventory),
    containers,
    machines,
    talosClusters,
    steps,
    ...(metricServer === undefined ? {} : { metricServer }),
    firewall: planFirewall(inventory),
    backups,
    access: { sshKeys: sshKeysOf(inventory) },
    driftPolicies: planDriftPolicies(inventory),
    secrets: planSecrets(storages, steps),
    generatedSecrets: planGeneratedSecrets(steps),
    warnings: planWarnings(inventory, talosClusters),
    others: inventory.others.map(({ what, where, is }) => ({ what, where, is })),
    waivers: planWaivers(inventory),
    outputs: planOutputs(inventory, { guests: [...containers, ...machines], storages, backups }),
  });
}

function planSteps(inventory: Inventory): PlacedStepsPlan[] {
  return [...planHostSteps(inventory), ...planServices(inventory)].filter(({ steps }) => steps.length > 0);
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
