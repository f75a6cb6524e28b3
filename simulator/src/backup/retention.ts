import { splitList } from "../lists.ts";
import { localTime } from "./local-time.ts";

/** How many backups to keep: https://pve.proxmox.com/wiki/Backup_and_Restore#vzdump_retention */
export interface Retention {
  readonly keepAll: boolean;
  readonly last: number;
  readonly hourly: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
}

/** A backup as pruning sees it. */
export interface PrunableBackup {
  /** Seconds since 1970. */
  readonly created: number;
  readonly protected?: boolean | undefined;
}

/** What becomes of a backup. */
export type PruneMark = "keep" | "remove" | "protected";

const periods = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;
const names = ["all", "last", ...periods] as const;

/**
 * Reads `keep-daily=7,keep-weekly=4`.
 * @throws {Error} in the words of PVE::JSONSchema
 */
export function parseRetention(text: string): Retention {
  const values: Partial<Record<(typeof names)[number], number>> = {};
  for (const part of splitList(text)) {
    const [, name = "", number = ""] = /^keep-(\w+)=(\d+)$/.exec(part) ?? [];
    if (!isName(name)) {
      const [key = ""] = part.split("=");
      throw new Error(
        `format error\n${key}: property is not defined in schema and the schema does not allow additional properties\n`,
      );
    }
    values[name] = Number(number);
  }
  const { all = 0, last = 0, hourly = 0, daily = 0, weekly = 0, monthly = 0, yearly = 0 } = values;
  const kept = [last, hourly, daily, weekly, monthly, yearly].some((count) => count > 0);
  if (all > 0 && kept) throw new Error("keep-all cannot be set together with other options.");
  return { keepAll: all > 0 || !kept, last, hourly, daily, weekly, monthly, yearly };
}

/** Marks the backups of one guest, in the order in which they came. A protected one is left alone and counts for nothing. */
export function markBackups<Backup extends PrunableBackup>(
  backups: readonly Backup[],
  retention: Retention,
  timezone: string,
): { readonly backup: Backup; readonly mark: PruneMark }[] {
  const marks = new Map<Backup, PruneMark>();
  for (const backup of backups) if (backup.protected === true) marks.set(backup, "protected");
  const newestFirst = backups.filter((backup) => backup.protected !== true).sort((a, b) => b.created - a.created);
  if (retention.keepAll) for (const backup of newestFirst) marks.set(backup, "keep");
  else markByPeriods(newestFirst, retention, timezone, marks);
  return backups.map((backup) => ({ backup, mark: marks.get(backup) ?? "remove" }));
}

function markByPeriods<Backup extends PrunableBackup>(
  newestFirst: readonly Backup[],
  retention: Retention,
  timezone: string,
  marks: Map<Backup, PruneMark>,
): void {
  for (const backup of newestFirst.slice(0, retention.last)) marks.set(backup, "keep");
  for (const period of periods) {
    // A period that an option before this one has kept a backup of is settled.
    const settled = new Set(
      newestFirst
        .filter((backup) => marks.get(backup) === "keep")
        .map((backup) => periodOf(period, backup.created, timezone)),
    );
    let kept = 0;
    const seen = new Set<string>();
    for (const backup of newestFirst) {
      if (marks.has(backup)) continue;
      const id = periodOf(period, backup.created, timezone);
      if (settled.has(id) || seen.has(id)) continue;
      if (kept >= retention[period]) break;
      seen.add(id);
      kept += 1;
      marks.set(backup, "keep");
    }
  }
}

function periodOf(period: (typeof periods)[number], created: number, timezone: string): string {
  const { year, month, day, hour } = localTime(timezone, new Date(created * 1000));
  switch (period) {
    case "hourly":
      return `${year}-${month}-${day} ${hour}`;
    case "daily":
      return `${year}-${month}-${day}`;
    case "weekly":
      return isoWeek(Number(year), Number(month), Number(day));
    case "monthly":
      return `${year}-${month}`;
    case "yearly":
      return year;
  }
}

/** The week as ISO 8601 counts: its Thursday decides the year. */
function isoWeek(year: number, month: number, day: number): string {
  const thursday = new Date(Date.UTC(year, month - 1, day));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return `${thursday.getUTCFullYear()}-W${Math.ceil(((thursday.getTime() - first) / 86_400_000 + 1) / 7)}`;
}

function isName(name: string): name is (typeof names)[number] {
  return (names as readonly string[]).includes(name);
}
