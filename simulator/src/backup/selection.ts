import { ApiError } from "../api-error.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { World } from "../world.ts";
import { parseSetting } from "../guest/config.ts";

/** What a backup takes of a guest's disk, with the reason in Proxmox's words. */
export interface DiskInBackup {
  /** `rootfs`, `mp0`, `scsi0`. */
  readonly setting: string;
  readonly volume: string;
  readonly included: boolean;
  readonly reason: string;
}

const machineDisk = /^(?:ide|sata|scsi|virtio|efidisk|tpmstate)\d+$/;

/** The guests that a job backs up: all but some, those of a pool, or a list. */
export function selectGuests(world: World, job: Section): Guest[] {
  const guests = Object.values(world.state.guests);
  const { all, exclude, pool, vmid } = job;
  if (pool !== undefined) return guests.filter((guest) => guest.pool === pool);
  if (all === "1") {
    const excluded = new Set(splitList(exclude));
    return guests.filter((guest) => !excluded.has(String(guest.vmid)));
  }
  const wanted = new Set(splitList(vmid));
  return guests.filter((guest) => wanted.has(String(guest.vmid)));
}

/** The disks of a guest, each with whether a backup takes it. */
export function disksInBackup({ type, config }: Guest): DiskInBackup[] {
  return Object.entries(config)
    .filter(([name]) => (type === "lxc" ? /^(?:rootfs|mp\d+)$/ : machineDisk).test(name))
    .map(([setting, text]) => {
      const values = parseSetting(type, setting, text);
      const volume = (type === "lxc" ? values["volume"] : (values["file"] ?? values["volume"])) ?? "";
      return {
        setting,
        volume,
        ...(type === "lxc" ? ofContainer(setting, volume, values) : ofMachine(volume, values)),
      };
    })
    .filter(({ volume }) => volume !== "none");
}

type Verdict = Pick<DiskInBackup, "included" | "reason">;

function ofContainer(setting: string, volume: string, { backup }: Readonly<Record<string, string>>): Verdict {
  if (setting === "rootfs") return { included: true, reason: "rootfs" };
  if (volume.startsWith("/")) return { included: false, reason: "not a volume" };
  return backup === "1" ? { included: true, reason: "enabled" } : { included: false, reason: "disabled" };
}

function ofMachine(volume: string, { backup, media }: Readonly<Record<string, string>>): Verdict {
  if (media === "cdrom" || volume.includes("cloudinit")) return { included: false, reason: "CD-ROM" };
  return backup === "0" ? { included: false, reason: "disabled" } : { included: true, reason: "enabled" };
}

/** Refuses what a run of vzdump can't mean. */
export function checkSelection(options: Section): void {
  const chosen = ["all", "pool", "vmid"].filter((name) => options[name] !== undefined && options[name] !== "0");
  if (chosen.length > 1) {
    const [first = "", second = ""] = chosen;
    throw new ApiError(400, "Parameter verification failed.", { [second]: `option conflicts with option '${first}'` });
  }
  if (chosen.length === 0)
    throw new ApiError(400, "Parameter verification failed.", { vmid: "property is missing and it is not optional" });
}
