import { partName } from "../names.ts";
import type { NamedGuest } from "../named-guests.ts";
import { sortedEntries } from "../sorted.ts";
import type { StepPlan } from "../steps.ts";
import { escapePath, mountUnitName, renderMountUnit } from "./mount-unit.ts";

interface DataDisk {
  readonly slot: string;
  readonly path: string;
  readonly filesystem: "ext4" | "xfs";
}

/** Decides how the data disks of a machine get their file systems and are mounted, each in a step of its own. */
export function planDataDisks({ name, guest }: NamedGuest): StepPlan[] {
  if (!("kind" in guest) || guest.kind !== "cloud") return [];
  return sortedEntries(guest.disks)
    .flatMap(([slot, { path, filesystem }]) => (path === undefined ? [] : [{ slot, path, filesystem }]))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((disk) => planDataDisk(name, disk));
}

function planDataDisk(guest: string, { slot, path, filesystem }: DataDisk): StepPlan {
  const unit = mountUnitName(path);
  const mount = renderMountUnit({
    description: `Data disk ${slot}`,
    what: devicePath(slot),
    where: path,
    type: filesystem,
    options: "defaults,noatime",
    // A disk that was enlarged is used in full after the next start.
    unit: [`Wants=systemd-growfs@${escapePath(path)}.service`],
  });
  const inspect = inspectDisk(slot, path, filesystem);
  return {
    name: partName(guest, `${slot}-disk`),
    files: [{ path: `/etc/systemd/system/${unit}`, mode: "0644", owner: "root:root", text: [mount] }],
    check: inspect,
    activate: `${inspect}
if [ -z "$signatures" ]; then
  ${makeFileSystem(filesystem, slot)}
fi
mkdir -p ${path}
systemctl daemon-reload
systemctl enable --now '${unit}'`,
    verify: `systemctl is-enabled --quiet '${unit}'
systemctl is-active --quiet '${unit}'`,
    timeoutSeconds: 900,
    units: [unit],
  };
}

/** By QEMU's name for the slot: it stays when disks are added, which /dev/sdb would not. */
function devicePath(slot: string): string {
  return `/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-${slot}`;
}

/** Ends the script where a file system would destroy or hide something. */
function inspectDisk(slot: string, path: string, filesystem: string): string {
  return `disk=${devicePath(slot)}
if [ ! -b "$disk" ]; then
  echo "There is no disk $disk: does the machine have ${slot}, and was it started since?" >&2
  exit 1
fi
signatures="$(wipefs --no-act --parsable "$disk")"
found="$(blkid -p -s TYPE -o value "$disk" || true) $(blkid -p -s LABEL -o value "$disk" || true)"
if [ -n "$signatures" ] && [ "$found" != '${filesystem} ${slot}' ]; then
  echo "$disk is not empty, and what is on it was not made for ${path}: it is left alone." >&2
  echo "Save what you need of it, then clear it yourself: wipefs --all $disk" >&2
  exit 1
fi
if [ -d ${path} ] && ! mountpoint -q ${path} && [ -n "$(ls -A ${path})" ]; then
  echo "${path} is not empty: a disk that is mounted there would hide what is in it." >&2
  echo "Move it away, and back once the disk is mounted." >&2
  exit 1
fi`;
}

function makeFileSystem(filesystem: DataDisk["filesystem"], slot: string): string {
  if (filesystem === "ext4") return `mkfs.ext4 -q -m 0 -L ${slot} "$disk" >&2`;
  return `command -v mkfs.xfs >/dev/null || { apt-get -qq update && apt-get -qq install -y xfsprogs >&2; }
  mkfs.xfs -q -L ${slot} "$disk" >&2`;
}
