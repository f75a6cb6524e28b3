import type { Inventory } from "../../../inventory/inventory.ts";
import type { GitLab } from "../../../inventory/services/gitlab.ts";
import type { NamedGuest } from "../../named-guests.ts";
import { partName } from "../../names.ts";
import { resolved } from "../../resolved.ts";
import type { FilePlan, StepPlan } from "../../steps.ts";
import { mountUnitName, renderMountUnit } from "../mount-unit.ts";
import { planPackages } from "../install-packages.ts";
import { renderBackupScript } from "./render-backup-script.ts";

const mountPoint = "/srv/backup";

/** Decides GitLab's own backup: each day, before the guest as a whole is backed up, so that last night's is in there, too. */
export function planBackup(guest: NamedGuest, { backup }: GitLab, inventory: Inventory): StepPlan[] {
  if (backup === undefined) return [];
  const time = backupTime(guest, backup.lead, inventory);
  const mount = mountUnitName(mountPoint);
  return [
    planPackages({ name: partName(guest.name, "backup-packages"), versions: { "nfs-common": "*" } }),
    {
      name: partName(guest.name, "backup"),
      files: [
        unit(mount, renderShare(backup, inventory)),
        unit("gitlab-backup.service", service),
        unit("gitlab-backup.timer", renderTimer(time, backup.timezone)),
        {
          path: "/usr/local/sbin/gitlab-backup-to-nas",
          mode: "0755",
          owner: "root:root",
          text: [renderBackupScript(mountPoint, backup)],
        },
      ],
      activate: `mkdir -p ${mountPoint}
systemctl daemon-reload
systemctl enable --now ${mount} gitlab-backup.timer
systemctl restart gitlab-backup.timer`,
      verify: `systemctl is-active --quiet ${mount}
systemctl is-enabled --quiet gitlab-backup.timer
systemctl is-active --quiet gitlab-backup.timer`,
      units: [mount],
    },
  ];
}

/** So long before the first daily backup of its node; at midnight where none covers it. */
export function backupTime({ name, guest }: NamedGuest, leadSeconds: number, { backups }: Inventory): string {
  const day = 24 * 60;
  const starts = Object.values(backups)
    .filter(({ exclude }) => !Object.hasOwn(exclude, name))
    .flatMap(({ schedule }) => (Object.hasOwn(schedule, guest.node) ? [schedule[guest.node] ?? ""] : []))
    .filter((time) => /^\d/.test(time))
    .sort();
  const [hours = 0, minutes = 0] = (starts[0] ?? "00:00").split(":").map(Number);
  const lead = starts.length === 0 ? 0 : Math.ceil(leadSeconds / 60);
  const minute = (((hours * 60 + minutes - lead) % day) + day) % day;
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

function renderShare(backup: NonNullable<GitLab["backup"]>, inventory: Inventory): string {
  const storage = resolved(inventory.storage, backup.storage);
  if (storage.type !== "nfs") throw new Error(`"${backup.storage}" was not checked to be of type nfs.`);
  return renderMountUnit({
    description: "Where GitLab's backups are kept",
    what: `${storage.server}:${backup.export}`,
    where: mountPoint,
    type: "nfs",
    options: `_netdev,nodev,noexec,nosuid,vers=${storage.version}`,
    unit: ["Wants=network-online.target", "After=network-online.target"],
  });
}

const service = `[Unit]
Description=Back up GitLab to the NAS
RequiresMountsFor=${mountPoint}

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/gitlab-backup-to-nas
Nice=10
IOSchedulingClass=idle
`;

function renderTimer(time: string, timezone: string): string {
  return `[Unit]
Description=Back up GitLab before its machine is backed up

[Timer]
OnCalendar=*-*-* ${time}:00 ${timezone}
Persistent=true

[Install]
WantedBy=timers.target
`;
}

function unit(name: string, text: string): FilePlan {
  return { path: `/etc/systemd/system/${name}`, mode: "0644", owner: "root:root", text: [text] };
}
