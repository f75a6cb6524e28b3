import { guestOf, line, migrated, moved, otherStorage, part, replaced, vmidOf } from "./guests.ts";
import { missing, nowhere, seen, theOne, told, unmanaged, unseen, type Recipe, type Target } from "./mutation.ts";

const mountPoint = ({ index }: Target) => `mp${index}`;
const network = ({ index }: Target) => `net${index}`;
const steps = ({ name }: Target) => [`steps in ${name}`];

/** How each setting of a container is changed. */
export const containers: Readonly<Record<string, Recipe>> = {
  nodeName: migrated("container"),
  vmId: told(
    ({ subject, name }) => [missing(subject), unmanaged(`container ${name}`)],
    ({ guests }, { inputs }) => {
      const vmid = vmidOf(inputs);
      const guest = theOne(guests[vmid], String(vmid));
      Reflect.deleteProperty(guests, vmid);
      guests[vmid + 100_000] = { ...guest, vmid: vmid + 100_000 };
    },
    { unchecked: steps, whole: true },
  ),
  description: seen("mine\n", line("description", "mine\n"), { was: (value) => `${String(value)}\n` }),
  tags: seen(["homelab", "mine"], line("tags", "homelab;mine")),
  unprivileged: seen(false, line("unprivileged", "0")),
  "features.nesting": seen(false, line("features", "nesting=0")),
  "operatingSystem.templateFileId": nowhere("A container does not remember its template."),
  "operatingSystem.type": seen("ubuntu", line("ostype", "ubuntu")),
  "cpu.cores": seen(7, line("cores", "7")),
  "memory.dedicated": seen(777, line("memory", "777")),
  "memory.swap": seen(77, line("swap", "77")),
  "disk.datastoreId": told(
    ({ subject, value, inputs }) => [
      { kind: "changed", what: `${subject}: disk.datastoreId`, was: value, is: otherStorage(value) },
      {
        kind: "changed",
        what: `${subject}: disk.pathInDatastore`,
        was: `${String(value)}:subvol-${vmidOf(inputs)}-disk-0`,
        is: `${otherStorage(value)}:subvol-${vmidOf(inputs)}-disk-0`,
      },
    ],
    moved("rootfs"),
    { fits: ({ inputs }) => (inputs["mountPoints"] as unknown[]).length === 0 },
  ),
  "disk.size": seen(77, part("rootfs", "size", "77G")),
  mountPoints: told(
    ({ subject }) => [
      {
        kind: "changed",
        what: `${subject}: mountPoints`,
        was: null,
        is: {
          path: "/srv/mine",
          pathInDatastore: "local-zfs:subvol-7-disk-0",
          size: "7G",
          volume: "local-zfs:subvol-7-disk-0",
          acl: false,
          backup: false,
          mountOptions: [],
          quota: false,
          readOnly: false,
          replicate: true,
          shared: false,
        },
      },
    ],
    line("mp0", "local-zfs:subvol-7-disk-0,mp=/srv/mine,size=7G"),
  ),
  "mountPoints[].path": seen("/srv/mine", part(mountPoint, "mp", "/srv/mine")),
  "mountPoints[].volume": told(
    ({ subject, value, inputs }) =>
      ["pathInDatastore", "volume"].map((key) => ({
        kind: "changed",
        what: `${subject}: mountPoints[0].${key}`,
        was: `${String(value)}:subvol-${vmidOf(inputs)}-disk-0`,
        is: `${otherStorage(value)}:subvol-${vmidOf(inputs)}-disk-0`,
      })),
    moved(mountPoint),
  ),
  "mountPoints[].size": seen("77G", part(mountPoint, "size", "77G")),
  "mountPoints[].backup": seen(false, part(mountPoint, "backup", "0")),
  "networkInterfaces[].name": seen("eth7", part(network, "name", "eth7")),
  "networkInterfaces[].bridge": seen("vmbr7", part(network, "bridge", "vmbr7")),
  "networkInterfaces[].vlanId": seen(7, part(network, "tag", "7")),
  "networkInterfaces[].firewall": seen(true, part(network, "firewall", "1")),
  "initialization.hostname": seen("mine", line("hostname", "mine")),
  "initialization.ipConfigs[].ipv4.address": seen("10.20.0.77/24", part(network, "ip", "10.20.0.77/24")),
  "initialization.ipConfigs[].ipv4.gateway": seen("10.20.0.77", part(network, "gw", "10.20.0.77")),
  "initialization.dns.servers": seen(["10.20.0.77"], line("nameserver", "10.20.0.77")),
  "initialization.userAccount.keys": unseen(
    "Proxmox VE writes the keys once, into the container, and does not tell them.",
    (cluster, target) => {
      const { files } = guestOf(cluster, target).inside;
      const path = "/root/.ssh/authorized_keys";
      files[path] = {
        ...theOne(files[path], path),
        content: Buffer.from("ssh-ed25519 AAAA mine\n").toString("base64"),
      };
    },
  ),
  started: seen(
    false,
    (cluster, target) => {
      guestOf(cluster, target).status = "stopped";
    },
    { unchecked: steps },
  ),
  startOnBoot: seen(false, line("onboot", "0")),
  "startup.order": seen(77, replaced("startup", /order=\d+/, "order=77")),
  "startup.upDelay": seen(77, part("startup", "up", "77")),
};
