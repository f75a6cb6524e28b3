import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { ReplicationRecord } from "../state/replication.ts";
import { splitVolumeId, type World } from "../world.ts";
import { guestOf, isDue, recordOf, replicationFormat } from "./jobs.ts";
import { replicatableVolumes } from "./volumes.ts";

/** How long a run takes, in seconds. */
const duration = 4;

/** Runs what is due, as every node's pvescheduler does each minute. */
export function runDueJobs(world: World): void {
  for (const [id, job] of Object.entries(world.state.sections.replicationJobs)) {
    if (isDue(world, id, job)) runJob(world, id);
  }
}

/** One run, of which the record tells how it went: what fails changes nothing else. */
function runJob(world: World, id: string): void {
  const began = world.seconds();
  const lines: string[] = [];
  const log = (line: string) => {
    lines.push(`${stampOf(world, id)} ${id}: ${line}`);
  };
  log("start replication job");
  let problem: string | undefined;
  try {
    world.transaction(() => {
      work(world, id, log);
    });
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  log(problem === undefined ? "end replication job" : `end replication job with error: ${problem}`);
  world.transaction(() => {
    if (world.state.sections.replicationJobs[id] === undefined) forget(world, id);
    else remember(world, id, began, problem, lines);
  });
}

function remember(world: World, id: string, began: number, problem: string | undefined, log: string[]): void {
  const { failCount, lastSync } = recordOf(world, id);
  const record: ReplicationRecord = {
    lastTry: began,
    lastSync: problem === undefined ? began : lastSync,
    failCount: problem === undefined ? 0 : failCount + 1,
    duration,
    log,
  };
  if (problem !== undefined) record.error = problem;
  (world.state.replications ??= {})[id] = record;
}

function forget({ state }: World, id: string): void {
  if (state.replications !== undefined) Reflect.deleteProperty(state.replications, id);
}

type Log = (line: string) => void;

function work(world: World, id: string, log: Log): void {
  const job = world.state.sections[replicationFormat.file][id];
  const guest = guestOf(world, id);
  if (job === undefined || guest === undefined) return;
  if (job["remove_job"] !== undefined) removeJob(world, id, job, guest, log);
  else replicate(world, id, job, guest, log);
}

function replicate(world: World, id: string, job: Section, guest: Guest, log: Log): void {
  const target = job["target"] ?? "";
  const kind = guest.type === "lxc" ? "CT" : "VM";
  log(`guest => ${kind} ${guest.vmid}, running => ${guest.status === "running" ? 1 : 0}`);
  const volumes = replicatableVolumes(world, guest);
  if (volumes.length === 0) throw new Error("no replicatable volumes found");
  log(`volumes => ${volumes.join(",")}`);
  const { lastSync } = recordOf(world, id);
  const { address, off } = world.node(target);
  if (off === true) {
    const login = `/usr/bin/ssh -e none -o 'BatchMode=yes' -o 'HostKeyAlias=${target}' root@${address}`;
    const asked = `pvesr prepare-local-job ${id} ${volumes.join(" ")} --last_sync ${lastSync}`;
    throw new Error(`command '${login} -- ${asked}' failed: exit code 255`);
  }
  const snapshot = `__replicate_${id}_${world.seconds()}__`;
  for (const volumeId of volumes) {
    log(`create snapshot '${snapshot}' on ${volumeId}`);
    const isFirst = copyVolume(world, guest, volumeId, target);
    const [from, to] = [`__replicate_${id}_${lastSync}__`, snapshot];
    log(isFirst ? `full sync '${volumeId}' (${to})` : `incremental sync '${volumeId}' (${from} => ${to})`);
    if (!isFirst) log(`delete previous replication snapshot '${from}' on ${volumeId}`);
  }
}

/** Whether there was no copy on the target yet. */
function copyVolume(world: World, guest: Guest, volumeId: string, target: string): boolean {
  const { storage, name } = splitVolumeId(volumeId);
  world.storage(target, storage);
  const copies = world.volumesOn(target, storage);
  const isFirst = copies[name] === undefined;
  copies[name] = { ...world.volume(guest.node, volumeId) };
  return isFirst;
}

function removeJob(world: World, id: string, job: Section, guest: Guest, log: Log): void {
  const target = job["target"] ?? "";
  if (job["remove_job"] === "full" && guest.node !== target) {
    for (const volumeId of replicatableVolumes(world, guest)) {
      const { storage, name } = splitVolumeId(volumeId);
      const copies = world.volumesOn(target, storage);
      if (copies[name] === undefined) continue;
      Reflect.deleteProperty(copies, name);
      log(`delete stale volume '${volumeId}' on ${target}`);
    }
  }
  log("job removed");
  Reflect.deleteProperty(world.state.sections.replicationJobs, id);
}

/** `2026-01-01 00:15:00` as the clock of the guest's node shows it. */
function stampOf(world: World, id: string): string {
  const { timezone = "UTC" } = world.state.nodes[guestOf(world, id)?.node ?? ""] ?? {};
  return world.clock.now().toLocaleString("sv-SE", { timeZone: timezone });
}
