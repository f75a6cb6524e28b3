import { FileLegacy } from "@muhlba91/pulumi-proxmoxve/fileLegacy.js";
import { VmLegacy } from "@muhlba91/pulumi-proxmoxve/vmLegacy.js";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import type { MachineDiskPlan, MachinePlan } from "../../plan/machines.ts";
import { HomelabComponent } from "../component.ts";

/** What a virtual machine is built from. */
export interface VirtualMachineArgs {
  readonly plan: MachinePlan;
  /** Its image, and its storages where this program makes them. */
  readonly after: readonly Resource[];
  /** Whether Proxmox VE changes its node or disks before the engine does: a preview leaves them as they are. */
  readonly pending: boolean;
}

/** A virtual machine made from an image, which finds its address and its first settings on a drive of cloud-init. */
export class VirtualMachine extends HomelabComponent {
  readonly name: string;
  readonly kind = "machine";
  readonly plan: MachinePlan;
  readonly resource: VmLegacy;

  constructor(name: string, { plan, after, pending }: VirtualMachineArgs, options: ComponentResourceOptions) {
    super("guest:VirtualMachine", name, options);
    this.name = name;
    this.plan = plan;
    const snippets = this.createSnippets(plan, after);
    this.resource = new VmLegacy(
      name,
      {
        nodeName: plan.node,
        vmId: plan.vmid,
        name: plan.name,
        description: plan.description,
        tags: [...plan.tags],
        protection: plan.protection,
        ...hardwareOf(plan),
        ...disksOf(plan),
        ...networkOf(plan),
        started: true,
        // What is taken away needs no orderly shutdown, for which it would be waited up to half an hour.
        stopOnDestroy: true,
        onBoot: plan.startOnBoot,
        startup: { order: plan.startup.order, upDelay: plan.startup.delaySeconds },
      },
      {
        parent: this,
        dependsOn: [...after, ...snippets],
        protect: !plan.disposable,
        // Its VMID is its own: the old one has to go before the new one can come.
        deleteBeforeReplace: true,
        ignoreChanges: [
          // It counts when the machine is created only: a newer image is for new machines.
          "disks[0].importFrom",
          // The speed limits, of which there are none, differ on every look.
          ...[plan.systemDisk, ...plan.dataDisks].map((_, index) => `disks[${index}].speed`),
          ...(pending ? ["nodeName", "disks", "efiDisk", "initialization.datastoreId"] : []),
        ],
      },
    );
    this.registerOutputs({
      vmid: this.resource.vmId,
      node: plan.node,
      address: plan.network.address,
      disposable: plan.disposable,
    });
  }

  /** What cloud-init reads, as files of the storage's snippets; Proxmox takes them over SSH only. */
  private createSnippets(plan: MachinePlan, after: readonly Resource[]): FileLegacy[] {
    if (plan.kind === "talos") return [];
    const { name, storage, fileName, text } = plan.userData;
    const snippet = new FileLegacy(
      name,
      {
        nodeName: plan.node,
        datastoreId: storage,
        contentType: "snippets",
        sourceRaw: { data: text, fileName },
      },
      {
        parent: this,
        dependsOn: [...after],
        deleteBeforeReplace: true,
      },
    );
    return [snippet];
  }
}

function hardwareOf(plan: MachinePlan) {
  return {
    machine: plan.machineType,
    bios: plan.bios,
    operatingSystem: { type: "l26" },
    cpu: { cores: plan.cores, type: plan.cpuType },
    memory: { dedicated: plan.memoryMib, floating: plan.balloonMib },
    agent: { enabled: plan.agent, timeout: "5m", waitForIp: { disabled: !isWaitedFor(plan) } },
    serialDevices: plan.serialConsole ? [{ device: "socket" }] : [],
    scsiHardware: plan.scsiHardware,
  };
}

/** Talos has its agent once it is configured; and a guarded machine would stand unguarded all the time. */
function isWaitedFor({ kind, network }: MachinePlan): boolean {
  return kind === "talos" ? false : !network.firewall;
}

function disksOf({ efiDisk, systemDisk, dataDisks }: MachinePlan) {
  const { storage: datastoreId, type, preEnrolledKeys } = efiDisk;
  return {
    efiDisk: { datastoreId, type, preEnrolledKeys, fileFormat: "raw" },
    disks: [{ ...diskOf(systemDisk), importFrom: systemDisk.importFrom }, ...dataDisks.map(diskOf)],
    // By default the provider puts the node's own drive in, which asks for Sys.Console on the whole cluster.
    cdrom: { fileId: "none", interface: "ide3" },
    bootOrders: [systemDisk.interface],
  };
}

function diskOf({ interface: slot, storage, sizeGib, iothread, discard, backup }: MachineDiskPlan) {
  return {
    interface: slot,
    datastoreId: storage,
    size: sizeGib,
    iothread,
    discard: discard ? "on" : "ignore",
    backup,
  };
}

function networkOf(plan: MachinePlan) {
  const { bridge, vlan, address, gateway, dns, firewall } = plan.network;
  return {
    networkDevices: [{ bridge, vlanId: vlan, firewall }],
    initialization: {
      datastoreId: plan.cloudInitStorage,
      dns: { servers: [...dns] },
      ipConfigs: [{ ipv4: { address, gateway } }],
      ...(plan.kind === "cloud" ? { userDataFileId: plan.userData.volumeId } : {}),
    },
  };
}
