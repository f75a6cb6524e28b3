import { requireContent } from "../guest/volumes.ts";
import type { Session } from "../state/access.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log, Step } from "../tasks.ts";
import type { World } from "../world.ts";
import { availableOn } from "../storage/status.ts";
import { packBackup } from "./archive.ts";
import { localTime } from "./local-time.ts";
import { pruneBackups } from "./prune.ts";
import { parseRetention } from "./retention.ts";
import { disksInBackup } from "./selection.ts";

/** A run of vzdump on one node. */
export interface BackupRun {
  readonly node: string;
  /** The guests, all of them on that node. */
  readonly vmids: readonly number[];
  /** What the command line or the job says: storage, mode, compress … */
  readonly options: Section;
  readonly session: Session;
}

const gib = 2 ** 30;
const extensions: Readonly<Record<string, string>> = { gzip: ".gz", "1": ".lzo", lzo: ".lzo", zstd: ".zst", "0": "" };

/** Starts a backup of guests; returns the task's UPID. */
export function startBackup(world: World, run: BackupRun): string {
  const { node, vmids, options, session } = run;
  const storage = options["storage"] ?? "local";
  requireContent(world.storage(node, storage), "backup");
  if (options["prune-backups"] !== undefined) parseRetention(options["prune-backups"]);
  const failed: number[] = [];
  const begin: Step["work"] = (log) => {
    log(`INFO: starting new backup job: vzdump ${commandLine(run)}`);
    return backUpNext(world, run, vmids, failed);
  };
  const [only] = vmids;
  return world.tasks.start({
    node,
    type: "vzdump",
    id: vmids.length === 1 && only !== undefined ? only : "",
    session,
    seconds: 1,
    work: begin,
  });
}

/** One guest after the other: locked, copied, unlocked. */
function backUpNext(world: World, run: BackupRun, rest: readonly number[], failed: number[]): Step {
  const [vmid, ...others] = rest;
  if (vmid === undefined)
    return {
      seconds: 0,
      work: (log) => {
        finish(log, failed);
      },
    };
  return {
    seconds: 0,
    work: (log) => {
      const guest = world.state.guests[vmid];
      const refusal = refusalOf(guest, run.node);
      if (guest === undefined || refusal !== undefined) {
        log(`ERROR: Backup of VM ${vmid} failed - ${refusal ?? "no such VM"}`);
        failed.push(vmid);
        return backUpNext(world, run, others, failed);
      }
      guest.config["lock"] = "backup";
      const seconds = Math.max(1, Math.round(sizeOf(world, guest) / gib));
      describeStart(log, world, guest, run);
      return { seconds, work: (end) => copyGuest(world, run, { vmid, others, failed, seconds }, end) };
    },
  };
}

interface Progress {
  readonly vmid: number;
  readonly others: readonly number[];
  readonly failed: number[];
  readonly seconds: number;
}

function copyGuest(world: World, run: BackupRun, { vmid, others, failed, seconds }: Progress, log: Log): Step {
  const guest = world.state.guests[vmid];
  if (guest !== undefined) {
    delete guest.config["lock"];
    try {
      const name = writeArchive(world, run, guest, log);
      log(`INFO: creating vzdump archive '${name}'`);
      log(`INFO: archive file size: ${Math.round((sizeOf(world, guest) * 0.3) / 2 ** 20)}MB`);
      prune(world, run, guest, log);
      log(`INFO: Finished Backup of VM ${vmid} (${printDuration(seconds)})`);
    } catch (error) {
      log(`ERROR: Backup of VM ${vmid} failed - ${error instanceof Error ? error.message : String(error)}`);
      failed.push(vmid);
    }
  }
  return backUpNext(world, run, others, failed);
}

function finish(log: Log, failed: readonly number[]): undefined {
  log(failed.length === 0 ? "INFO: Backup job finished successfully" : "INFO: Backup job finished with errors");
  if (failed.length > 0) throw new Error("job errors");
  return undefined;
}

function refusalOf(guest: Guest | undefined, node: string): string | undefined {
  if (guest?.node !== node) return "unable to find VM";
  const { lock } = guest.config;
  return lock === undefined ? undefined : `${guest.type === "lxc" ? "CT" : "VM"} is locked (${lock})`;
}

function describeStart(log: Log, world: World, guest: Guest, { options }: BackupRun): void {
  const { vmid, type, status, config } = guest;
  log(`INFO: Starting Backup of VM ${vmid} (${type})`);
  log(`INFO: Backup started at ${printTime(world, guest.node)}`);
  log(`INFO: status = ${status}`);
  log(`INFO: ${type === "lxc" ? "CT" : "VM"} Name: ${config["hostname"] ?? config["name"] ?? ""}`);
  for (const { setting, volume, included, reason } of disksInBackup(guest)) {
    log(
      `INFO: ${included ? "including" : "excluding"} ${type === "lxc" ? "mount point" : "disk"} ${setting} ('${volume}') ${included ? "in" : "from"} backup${included ? "" : ` (${reason})`}`,
    );
  }
  log(`INFO: backup mode: ${status === "running" ? (options["mode"] ?? "snapshot") : "stop"}`);
  log(`INFO: ionice priority: ${options["ionice"] ?? "7"}`);
}

function writeArchive(world: World, { node, options }: BackupRun, guest: Guest, log: Log): string {
  const { type, vmid } = guest;
  const storage = options["storage"] ?? "local";
  const { config } = world.storage(node, storage);
  const extension = `${type === "lxc" ? ".tar" : ".vma"}${extensions[options["compress"] ?? "0"] ?? ""}`;
  const file = `vzdump-${type}-${vmid}-${stamp(world, node)}${extension}`;
  const name = `backup/${file}`;
  const volumes = world.volumesOn(node, storage);
  const size = Math.round(sizeOf(world, guest) * 0.3);
  requireSpace(world, { node, storage, guest, size }, log);
  if (volumes[name] !== undefined) throw new Error(`backup archive '${file}' exists already`);
  volumes[name] = {
    name,
    content: "backup",
    format: extension.slice(1),
    size,
    vmid,
    created: world.seconds(),
    ...(options["notes-template"] === undefined ? {} : { notes: notesOf(world, options["notes-template"], guest) }),
    ...(options["protected"] === "1" ? { protected: true } : {}),
    data: packBackup({
      type,
      vmid,
      config: { ...guest.config },
      firewall: guest.firewall,
      inside: guest.inside,
      disks: disksInBackup(guest)
        .filter(({ included }) => included)
        .map(({ setting, volume }) => {
          const { size, image, fileSystem } = world.volume(node, volume);
          return { setting, size, image, fileSystem };
        }),
    }),
  };
  return `${config["path"] ?? storage}/dump/${file}`;
}

interface NewArchive {
  readonly node: string;
  readonly storage: string;
  readonly guest: Guest;
  readonly size: number;
}

/** Where an archive does not fit, its compressor is the first to say so. */
function requireSpace(world: World, { node, storage, guest, size }: NewArchive, log: Log): void {
  if (size <= availableOn(world, node, storage)) return;
  log("INFO: zstd: error 70 : Write error : cannot write block : No space left on device");
  throw new Error(
    guest.type === "lxc"
      ? `command 'set -o pipefail && tar cpf - … | zstd' failed: exit code 70`
      : `job failed with err -32 - Broken pipe`,
  );
}

/** Variables of a notes template: https://pve.proxmox.com/wiki/Backup_and_Restore#_backup_notes */
function notesOf(world: World, template: string, { vmid, node, config }: Guest): string {
  const values: Readonly<Record<string, string>> = {
    cluster: world.state.name,
    guestname: config["hostname"] ?? config["name"] ?? String(vmid),
    node,
    vmid: String(vmid),
  };
  return template
    .replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole)
    .replaceAll(String.raw`\n`, "\n")
    .replaceAll(String.raw`\\`, "\\");
}

function prune(world: World, { node, options }: BackupRun, { type, vmid }: Guest, log: Log): void {
  if (options["remove"] === "0") return;
  const storage = options["storage"] ?? "local";
  const retention = options["prune-backups"] ?? world.storage(node, storage).config["prune-backups"];
  if (retention === undefined) return;
  log(`INFO: prune older backups with retention: ${retention}`);
  const removed = pruneBackups(world, { node, storage, type, vmid, retention });
  for (const name of removed) log(`INFO: removing backup '${storage}:${name}'`);
  log(`INFO: pruned ${removed.length} backup(s) not covered by keep-retention policy`);
}

/** The bytes of the disks that a backup takes. */
function sizeOf(world: World, guest: Guest): number {
  return disksInBackup(guest)
    .filter(({ included }) => included)
    .reduce((sum, { volume }) => sum + world.volume(guest.node, volume).size, 0);
}

function commandLine({ vmids, options }: BackupRun): string {
  const what = options["all"] === "1" ? ["--all", "1"] : vmids.map(String);
  const shown = ["storage", "mode", "compress", "prune-backups", "exclude", "pool", "notes-template"];
  const flags = shown.filter((name) => options[name] !== undefined).flatMap((name) => [`--${name}`, options[name]]);
  return [...what, ...flags].join(" ");
}

function stamp(world: World, node: string): string {
  const { year, month, day, hour, minute, second } = localTime(world.node(node).timezone, world.clock.now());
  return `${year}_${month}_${day}-${hour}_${minute}_${second}`;
}

function printTime(world: World, node: string): string {
  const { year, month, day, hour, minute, second } = localTime(world.node(node).timezone, world.clock.now());
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`;
}

function printDuration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return [hours, minutes, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
