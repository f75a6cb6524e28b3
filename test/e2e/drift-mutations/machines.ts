import { guestOf, line, migrated, moved, otherStorage, part, replaced, vmidOf } from "./guests.ts";
import { missing, nowhere, seen, theOne, told, unmanaged, type Recipe, type Target } from "./mutation.ts";

const drive = ({ inputs, index }: Target) =>
  String((inputs["disks"] as readonly { readonly interface: string }[])[index]?.interface);
const network = ({ index }: Target) => `net${index}`;
const address = ({ index }: Target) => `ipconfig${index}`;
const steps = ({ name }: Target) => [`steps in ${name}`];
const onTheNodeWithBoth = ({ inputs }: Target) => inputs["nodeName"] === "pve-01";

/** How each setting of a virtual machine is changed. */
export const machines: Readonly<Record<string, Recipe>> = {
  vmId: told(
    ({ subject, name }) => [missing(subject), unmanaged(`machine ${name}`)],
    ({ guests }, { inputs }) => {
      const vmid = vmidOf(inputs);
      const guest = theOne(guests[vmid], String(vmid));
      Reflect.deleteProperty(guests, vmid);
      guests[vmid + 100_000] = { ...guest, vmid: vmid + 100_000 };
    },
    { unchecked: steps, whole: true, fits: ({ name }) => name !== "traefik-dmz" },
  ),
  nodeName: migrated("machine"),
  name: seen("mine", line("name", "mine")),
  description: seen("mine", line("description", "mine")),
  tags: seen(["homelab", "mine"], line("tags", "homelab;mine")),
  protection: told(
    ({ subject, value }) => [{ kind: "changed", what: `${subject}: protection`, was: value, is: value !== true }],
    (cluster, target) => {
      guestOf(cluster, target).config["protection"] = target.value === true ? "0" : "1";
    },
  ),
  machine: seen("pc", line("machine", "pc")),
  bios: seen("seabios", line("bios", "seabios")),
  "operatingSystem.type": seen("win11", line("ostype", "win11")),
  "cpu.cores": seen(7, line("cores", "7")),
  "cpu.type": seen("host", line("cpu", "host")),
  "memory.dedicated": seen(777, line("memory", "777")),
  "memory.floating": seen(77, line("balloon", "77")),
  "agent.enabled": seen(false, part("agent", "enabled", "0")),
  "agent.timeout": nowhere("How long the provider waits for the agent."),
  "agent.waitForIp.disabled": nowhere("Whether the provider waits for an address."),
  "serialDevices[].device": seen("/dev/ttyS0", line("serial0", "/dev/ttyS0")),
  scsiHardware: seen("virtio-scsi-pci", line("scsihw", "virtio-scsi-pci")),
  "efiDisk.datastoreId": seen("local-zfs", moved("efidisk0"), { fits: onTheNodeWithBoth }),
  "efiDisk.fileFormat": nowhere("On ZFS all disks are raw."),
  "efiDisk.type": seen("2m", part("efidisk0", "efitype", "2m")),
  "efiDisk.preEnrolledKeys": seen(true, part("efidisk0", "pre-enrolled-keys", "1")),
  "disks[].interface": told(
    ({ subject, path, inputs, index }) => [
      {
        kind: "changed",
        what: `${subject}: ${/^[^.]+/.exec(path)?.[0] ?? path}`,
        was: {
          ...(inputs["disks"] as readonly object[])[index],
          aio: "io_uring",
          cache: "none",
          fileFormat: "raw",
          pathInDatastore: `vm-${vmidOf(inputs)}-disk-${index + 1}`,
          queues: 0,
          replicate: true,
          ssd: false,
        },
        is: null,
      },
      {
        kind: "changed",
        what: `${subject}: sata5`,
        was: null,
        is: new RegExp(`:vm-${vmidOf(inputs)}-disk-${index + 1},`),
      },
    ],
    renamed(drive, "sata5"),
  ),
  "disks[].datastoreId": told(
    ({ subject, path, value }) => [
      { kind: "changed", what: `${subject}: ${path}`, was: value, is: otherStorage(value) },
    ],
    moved(drive),
    { fits: onTheNodeWithBoth },
  ),
  "disks[].size": seen(777, part(drive, "size", "777G")),
  "disks[].iothread": seen(false, part(drive, "iothread", "0")),
  "disks[].discard": seen("ignore", part(drive, "discard", "ignore")),
  "disks[].backup": seen(false, part(drive, "backup", "0")),
  "disks[].importFrom": nowhere("A disk does not remember its image."),
  "cdrom.fileId": seen("homelab:iso/mine.iso", replaced("ide3", /^none/, "homelab:iso/mine.iso")),
  "cdrom.interface": told(
    ({ subject }) => [
      {
        kind: "changed",
        what: `${subject}: cdrom`,
        was: { enabled: false, fileId: "none", interface: "ide3" },
        is: null,
      },
      { kind: "changed", what: `${subject}: ide0`, was: null, is: "none,media=cdrom" },
    ],
    renamed(() => "ide3", "ide0"),
  ),
  bootOrders: seen(["net0"], line("boot", "order=net0")),
  "networkDevices[].bridge": seen("vmbr7", part(network, "bridge", "vmbr7")),
  "networkDevices[].vlanId": seen(7, part(network, "tag", "7")),
  "networkDevices[].firewall": told(
    ({ subject, path, value }) => [{ kind: "changed", what: `${subject}: ${path}`, was: value, is: value !== true }],
    (cluster, target) => {
      part(network, "firewall", target.value === true ? "0" : "1")(cluster, target);
    },
  ),
  "initialization.datastoreId": seen("local-zfs", moved("ide2"), { fits: onTheNodeWithBoth }),
  "initialization.dns.servers": seen(["10.20.0.77"], line("nameserver", "10.20.0.77")),
  "initialization.ipConfigs[].ipv4.address": seen("10.20.0.77/24", part(address, "ip", "10.20.0.77/24")),
  "initialization.ipConfigs[].ipv4.gateway": seen("10.20.0.77", part(address, "gw", "10.20.0.77")),
  "initialization.userDataFileId": seen(
    "homelab:snippets/mine.yaml",
    line("cicustom", "user=homelab:snippets/mine.yaml"),
  ),
  started: seen(
    false,
    (cluster, target) => {
      guestOf(cluster, target).status = "stopped";
    },
    { unchecked: steps },
  ),
  stopOnDestroy: nowhere("How the provider takes a machine down."),
  onBoot: seen(false, line("onboot", "0")),
  "startup.order": seen(77, replaced("startup", /order=\d+/, "order=77")),
  "startup.upDelay": seen(77, part("startup", "up", "77")),
};

/** Puts a drive at another controller; none but SCSI has threads of its own, and a line that says so would be dropped. */
function renamed(key: (target: Target) => string, to: string) {
  return (cluster: Parameters<typeof guestOf>[0], target: Target) => {
    const { config } = guestOf(cluster, target);
    config[to] = theOne(config[key(target)], key(target)).replace(/,iothread=1(?=,|$)/, "");
    Reflect.deleteProperty(config, key(target));
  };
}
