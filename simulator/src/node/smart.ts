import type { Disk } from "../state/node.ts";

/** What `smartctl` says of a disk. */
export interface SmartReport {
  readonly health: string;
  readonly type: "ata" | "text";
  readonly text?: string;
  readonly wearout?: number;
  readonly attributes?: readonly object[];
}

/** The outcome of a disk's own assessment, in smartctl's words. */
export function healthOf({ dead }: Disk): string {
  return dead ? "FAILED!" : "PASSED";
}

/** Reads the SMART data of a disk: text of an NVMe disk, attributes of others. */
export function readSmart(disk: Disk, now: number): SmartReport {
  const hours = Math.floor((now - (disk.since ?? now)) / 3600);
  const health = healthOf(disk);
  return disk.type === "nvme"
    ? { health, type: "text", text: nvmeText(disk, hours), wearout: disk.wearout }
    : { health, type: "ata", attributes: attributesOf(disk, hours) };
}

function nvmeText({ dead, wearout, size }: Disk, hours: number): string {
  const written = Math.round((size * (100 - wearout)) / 100 / 512_000) + hours * 9_000;
  const lines = [
    "",
    "SMART/Health Information (NVMe Log 0x02)",
    `Critical Warning:                   ${dead ? "0x04" : "0x00"}`,
    "Temperature:                        41 Celsius",
    `Available Spare:                    ${dead ? 0 : 100}%`,
    "Available Spare Threshold:          10%",
    `Percentage Used:                    ${100 - wearout}%`,
    `Data Units Read:                    ${amount(Math.round(written * 0.6))}`,
    `Data Units Written:                 ${amount(written)}`,
    `Host Read Commands:                 ${group(hours * 120_000)}`,
    `Host Write Commands:                ${group(hours * 310_000)}`,
    `Controller Busy Time:               ${group(hours * 2)}`,
    "Power Cycles:                       14",
    `Power On Hours:                     ${group(hours)}`,
    "Unsafe Shutdowns:                   3",
    `Media and Data Integrity Errors:    ${dead ? group(4_211) : 0}`,
    `Error Information Log Entries:      ${dead ? group(4_398) : 0}`,
    "Warning  Comp. Temperature Time:    0",
    "Critical Comp. Temperature Time:    0",
    "",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function attributesOf({ type, dead, wearout }: Disk, hours: number): object[] {
  const rows = [
    [5, "Reallocated_Sector_Ct", "PO--CK", dead ? 1 : 100, 10, dead ? "3968" : "0"],
    [9, "Power_On_Hours", "-O--CK", 99, 0, String(hours)],
    [12, "Power_Cycle_Count", "-O--CK", 99, 0, "14"],
    ...(type === "ssd" ? [[177, "Wear_Leveling_Count", "PO--C-", wearout, 0, String(100 - wearout)] as const] : []),
    [194, "Temperature_Celsius", "-O---K", 66, 0, "34"],
  ] as const;
  return rows.map(([id, name, flags, value, threshold, raw]) => ({
    id: String(id).padStart(3),
    name,
    flags,
    value,
    normalized: value,
    worst: value,
    threshold,
    fail: value <= threshold ? "NOW" : "-",
    raw,
  }));
}

/** Data units are thousands of sectors. */
function amount(units: number): string {
  return `${group(units)} [${((units * 512_000) / 1e12).toFixed(2)} TB]`;
}

function group(value: number): string {
  return value.toLocaleString("en-US");
}
