import type { Inventory } from "../inventory/inventory.ts";
import type { Machine } from "../inventory/machines.ts";
import { planUserData, type UserDataPlan } from "./cloud-init.ts";
import { dataVolumesOf, planDisk, planGuest, type DiskPlan, type GuestPlan } from "./guests.ts";
import { planImageFor } from "./images.ts";
import { resolved } from "./resolved.ts";
import { sortedEntries } from "./sorted.ts";

/** One disk of a machine. */
export interface MachineDiskPlan extends DiskPlan {
  /** `scsi0` for the system; a data disk keeps its slot. */
  readonly interface: string;
  readonly iothread: boolean;
  readonly discard: boolean;
  readonly backup: boolean;
}

interface MachinePlanBase extends GuestPlan {
  readonly machineType: "q35";
  readonly bios: "ovmf";
  readonly efiDisk: { readonly storage: string; readonly type: "4m"; readonly preEnrolledKeys: boolean };
  readonly scsiHardware: "virtio-scsi-single";
  readonly serialConsole: boolean;
  readonly cpuType: "host" | "x86-64-v2-AES" | "x86-64-v3";
  /** Memory that is never taken back; 0 switches the balloon off. */
  readonly balloonMib: number;
  /** Whether the QEMU guest agent answers in it. */
  readonly agent: boolean;
  /** Made from the image, a volume ID of content `import`. */
  readonly systemDisk: MachineDiskPlan & { readonly importFrom: string };
  readonly dataDisks: readonly MachineDiskPlan[];
  /** The storage of the small drive by which it learns its address. */
  readonly cloudInitStorage: string;
}

/** A machine from a cloud image, which cloud-init sets up. */
export interface CloudMachinePlan extends MachinePlanBase {
  readonly kind: "cloud";
  readonly userData: UserDataPlan;
}

/** A node of a Kubernetes cluster; its machine configuration comes as user data of the same drive. */
export interface TalosMachinePlan extends MachinePlanBase {
  readonly kind: "talos";
  readonly cluster: string;
  readonly role: "controlPlane" | "worker";
  /** Where its machine configuration is kept as a snippet; secrets make its text, so it is not in the plan. */
  readonly machineConfig: { readonly storage: string; readonly fileName: string; readonly volumeId: string };
}

/** One virtual machine, decided. */
export type MachinePlan = CloudMachinePlan | TalosMachinePlan;

/** Decides all virtual machines. */
export function planMachines(inventory: Inventory): MachinePlan[] {
  return sortedEntries(inventory.machines).map(([name, machine]) => planMachine(name, machine, inventory));
}

function planMachine(name: string, machine: Machine, inventory: Inventory): MachinePlan {
  const base = planBase(name, machine, inventory);
  const { storage } = resolved(inventory.images, machine.image);
  if (machine.kind === "cloud") {
    return { ...base, kind: "cloud", userData: planUserData(base, storage) };
  }
  const fileName = `${name}-machine-config.yaml`;
  const { cluster, role } = machine;
  const machineConfig = { storage, fileName, volumeId: `${storage}:snippets/${fileName}` };
  return { ...base, kind: "talos", cluster, role, machineConfig };
}

function planBase(name: string, machine: Machine, inventory: Inventory): MachinePlanBase {
  const guest = planGuest({ kind: "machines", name, guest: machine }, inventory);
  const download = planImageFor(machine.image, machine.node, inventory);
  return {
    ...guest,
    image: download.name,
    machineType: "q35",
    bios: "ovmf",
    // Neither image is signed with the keys that would be enrolled.
    efiDisk: { storage: machine.disk.storage, type: "4m", preEnrolledKeys: false },
    scsiHardware: "virtio-scsi-single",
    serialConsole: true,
    cpuType: machine.cpuType,
    // Talos does not give memory back, and Kubernetes would count on what is gone.
    balloonMib: machine.kind === "talos" ? 0 : guest.memoryMib,
    agent: hasAgent(machine, inventory),
    systemDisk: { ...planMachineDisk("scsi0", { ...machine.disk, backup: true }), importFrom: download.volumeId },
    dataDisks: dataVolumesOf(machine).map(([slot, volume]) => planMachineDisk(slot, volume)),
    cloudInitStorage: machine.disk.storage,
  };
}

function planMachineDisk(slot: string, volume: { storage: string; size: number; backup: boolean }): MachineDiskPlan {
  return { interface: slot, ...planDisk(volume), iothread: true, discard: true, backup: volume.backup };
}

function hasAgent({ image: key }: Machine, { images }: Inventory): boolean {
  const image = resolved(images, key);
  return image.kind !== "talos" || image.extensions.includes("siderolabs/qemu-guest-agent");
}
