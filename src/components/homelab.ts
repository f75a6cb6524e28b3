import { ComponentResource, log, type ComponentResourceOptions, type Output, type Resource } from "@pulumi/pulumi";
import { Provider } from "@muhlba91/pulumi-proxmoxve/provider.js";
import type { Rename } from "../edits/find-renames.ts";
import type { GuestPlan } from "../plan/guests.ts";
import type { HomelabPlan } from "../plan/plan.ts";
import type { GuestOutputPlan } from "../plan/outputs.ts";
import { resolved } from "../plan/resolved.ts";
import { decideRevisions, type StepHistory } from "../provision/decide-revisions.ts";
import { observationOf, type Observations } from "../provision/observe-steps.ts";
import type { Settings } from "../settings.ts";
import { BackupSchedule } from "./backup/backup-schedule.ts";
import { Container } from "./guest/container.ts";
import { VirtualMachine } from "./guest/virtual-machine.ts";
import { ProxmoxHost } from "./host/proxmox-host.ts";
import { ClusterFirewall } from "./network/cluster-firewall.ts";
import { GuestFirewall } from "./network/guest-firewall.ts";
import { connectionTo } from "./services/connection.ts";
import { MetricServer } from "./services/metric-server.ts";
import { Provisioning } from "./services/provisioning.ts";
import { Image } from "./storage/image.ts";
import { SharedStorage } from "./storage/shared-storage.ts";

/** What the homelab is built from. */
export interface HomelabArgs {
  readonly plan: HomelabPlan;
  readonly settings: Settings;
  /** What is left of what was set up before. */
  readonly observed: Observations;
  /** What the state knows of it. */
  readonly history: StepHistory;
  readonly renames: readonly Rename[];
  /** The guests that Proxmox VE changes before the engine does, by name: a preview leaves them as they are. */
  readonly pending: ReadonlySet<string>;
}

/** What a stack tells about one guest: as planned, and known once it is there. */
export type GuestOutput = Omit<GuestOutputPlan, "vmid"> & { readonly vmid: Output<number> };

/** Something that others wait for, by its logical name. */
interface Named {
  readonly name: string;
  readonly resource: Resource;
}

/** The root of all resources, and the only place that wires siblings together. */
export class Homelab extends ComponentResource {
  readonly guests: Readonly<Record<string, GuestOutput>>;

  constructor(name: string, args: HomelabArgs, options?: ComponentResourceOptions) {
    super("homelab:index:Homelab", name, {}, options);
    const { plan, settings, renames, pending } = args;
    for (const waiver of plan.waivers) void log.info(waiver, this);
    for (const warning of plan.warnings) void log.warn(warning, this);

    const children = { parent: this, providers: { proxmoxve: createProvider(settings, this) } };
    const hosts = plan.nodes.map((node) => new ProxmoxHost(node.name, { plan: node }, children));
    const storages = createStorages(plan, settings, hosts, children);
    const images = plan.images.map(
      (image) => new Image(image.name, { plan: image, after: namedIn(storages, [image.storage]) }, children),
    );
    const after = (guest: GuestPlan) => [
      ...namedIn(images, [guest.image]),
      ...namedIn(storages, guest.storages),
      ...bridgesOf(guest, hosts),
    ];
    const argsOf = <Plan extends GuestPlan>(guest: Plan) => ({
      ...{ plan: guest, after: after(guest), pending: pending.has(guest.name) },
    });
    const known = knownNames(renames, children);
    const containers = plan.containers.map(
      (guest) => new Container(guest.name, argsOf(guest), known("container", guest.name)),
    );
    const machines = plan.machines.map(
      (guest) => new VirtualMachine(guest.name, argsOf(guest), known("machine", guest.name)),
    );
    const guests = [...containers, ...machines];
    createFirewalls(name, plan, guests, { children, known });
    const provisionings = this.provision(args, hosts, guests);
    createMetricServer(plan, provisionings, children);
    for (const job of plan.backups)
      new BackupSchedule(job.name, { plan: job, after: namedIn(storages, [job.storage]) }, children);

    this.guests = guestOutputs(plan, guests);
    this.registerOutputs({ guests: this.guests });
  }

  /** Sets up nodes and what runs in guests. */
  private provision(
    { plan, settings: { ssh, secrets }, observed, history }: HomelabArgs,
    hosts: readonly ProxmoxHost[],
    guests: readonly (Container | VirtualMachine)[],
  ): Provisioning[] {
    return plan.steps.map((placed) => {
      const revisions = decideRevisions(placed, observationOf(observed, placed.name), history);
      for (const warning of revisions.warnings) void log.warn(warning, this);
      for (const note of revisions.notes) void log.info(note, this);
      const connection = connectionTo(placed.place.node, ssh);
      const [guest] = guests.filter(({ name }) => name === placed.name).map(({ resource }) => resource);
      const pools = hosts.filter(({ name }) => name === placed.name).flatMap((host) => host.pools);
      return new Provisioning(
        placed.name,
        {
          plan: placed,
          revisions,
          connection,
          secrets,
          guest: guest === undefined ? undefined : { resource: guest, vmid: guest.vmId },
          after: [...(guest === undefined ? [] : [guest]), ...pools.map(({ resource }) => resource)],
        },
        { parent: this },
      );
    });
  }
}

function createProvider({ endpoint, apiToken, insecure, ssh }: Settings, parent: Homelab): Provider {
  const { username, agent, privateKey, nodes } = ssh;
  return new Provider(
    "proxmox",
    {
      endpoint,
      apiToken,
      insecure,
      ssh: { username, agent, privateKey, nodes: nodes.map(({ name, address, port }) => ({ name, address, port })) },
    },
    { parent },
  );
}

function createStorages(
  { storages }: HomelabPlan,
  { secrets }: Settings,
  hosts: readonly ProxmoxHost[],
  options: ComponentResourceOptions,
): SharedStorage[] {
  const pools = hosts.flatMap((host) => host.pools);
  return storages
    .filter(({ origin }) => origin !== "installer")
    .map((plan) => {
      const after = plan.type === "zfspool" ? namedIn(pools, plan.pools) : [];
      return new SharedStorage(plan.name, { plan, secrets, after }, options);
    });
}

/** Gives what belongs to a guest its former name, so that the state's resources are found under it. */
function knownNames(renames: readonly Rename[], options: ComponentResourceOptions) {
  return (kind: Rename["kind"], name: string): ComponentResourceOptions => {
    const rename = renames.find(({ kind: of, to }) => of === kind && to === name);
    return rename === undefined ? options : { ...options, aliases: [{ name: rename.from }] };
  };
}

/** First all that guards a guest, then the switch of it all. */
function createFirewalls(
  name: string,
  { firewall }: HomelabPlan,
  guests: readonly (Container | VirtualMachine)[],
  { children, known }: { readonly children: ComponentResourceOptions; readonly known: ReturnType<typeof knownNames> },
): void {
  const guards = guests.flatMap(({ plan: { name: guest, firewall: plan, vmid }, kind, resource }) =>
    plan === undefined ? [] : [new GuestFirewall(guest, { plan, guest: { kind, vmid, resource } }, known(kind, guest))],
  );
  new ClusterFirewall(name, { plan: firewall, after: guards.flatMap(({ resources }) => resources) }, children);
}

function createMetricServer(
  { metricServer: plan }: HomelabPlan,
  provisionings: readonly Provisioning[],
  options: ComponentResourceOptions,
): void {
  if (plan === undefined) return;
  const results = Object.assign({}, ...provisionings.map(({ results }) => results)) as Provisioning["results"];
  new MetricServer(plan.name, { plan, token: resolved(results, plan.tokenStep) }, options);
}

function bridgesOf({ node, network }: GuestPlan, hosts: readonly ProxmoxHost[]): Resource[] {
  return hosts
    .flatMap(({ bridges }) => bridges)
    .filter(({ plan }) => plan.node === node && plan.bridge === network.bridge)
    .map(({ resource }) => resource);
}

/** What an installer made is there already: nothing of it is to be waited for. */
function namedIn(candidates: readonly Named[], names: readonly string[]): Resource[] {
  return candidates.filter(({ name }) => names.includes(name)).map(({ resource }) => resource);
}

function guestOutputs(
  { outputs }: HomelabPlan,
  guests: readonly (Container | VirtualMachine)[],
): Record<string, GuestOutput> {
  return Object.fromEntries(
    Object.entries(outputs.guests).flatMap(([name, planned]) =>
      guests
        .filter((guest) => guest.name === name)
        .map(({ resource }) => [name, { ...planned, vmid: resource.vmId }] as const),
    ),
  );
}
