import { Job } from "@muhlba91/pulumi-proxmoxve/backup/job.js";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import type { BackupJobPlan } from "../../plan/backups.ts";
import { HomelabComponent } from "../component.ts";

/** What a schedule is built from. */
export interface BackupScheduleArgs {
  readonly plan: BackupJobPlan;
  /** The storage that backups go to, where this program makes it. */
  readonly after: readonly Resource[];
}

/** One job of vzdump: what is on a node goes to a storage again and again. */
export class BackupSchedule extends HomelabComponent {
  constructor(name: string, { plan, after }: BackupScheduleArgs, options: ComponentResourceOptions) {
    super("backup:BackupSchedule", name, options);
    const job = new Job(
      name,
      {
        resourceId: name,
        enabled: true,
        node: plan.node,
        storage: plan.storage,
        schedule: plan.schedule,
        all: plan.all,
        excludes: plan.exclude.map(String),
        mode: plan.mode,
        compress: plan.compression,
        bwlimit: plan.bandwidthKib,
        repeatMissed: plan.repeatMissed,
        notesTemplate: plan.notes,
        pruneBackups: { ...plan.prune },
      },
      { parent: this, dependsOn: [...after], deleteBeforeReplace: true },
    );
    this.registerOutputs({ schedule: job.schedule, storage: job.storage });
  }
}
