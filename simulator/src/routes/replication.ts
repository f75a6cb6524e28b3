import { ApiError, invalidParameters } from "../api-error.ts";
import type { Handlers, Parameters, Returns } from "../handlers.ts";
import { guestIdOf, guestOf, isRunnable, nextSync, recordOf, replicationFormat } from "../replication/jobs.ts";
import { scheduleLook } from "../replication/scheduler.ts";
import { replicatableVolumes } from "../replication/volumes.ts";
import { addSection, fileDigest, findSection, sectionsOf, showSection, updateSection } from "../section-file.ts";
import type { Section } from "../state/cluster.ts";
import type { World } from "../world.ts";

type Job = Returns<"GET /cluster/replication/{id}">;

/** Copies of guests' volumes on other nodes: https://pve.proxmox.com/wiki/Storage_Replication */
export const replicationHandlers: Handlers = {
  "GET /cluster/replication": (_parameters, { world, session }) =>
    Object.entries(sectionsOf(world, replicationFormat))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(([id]) => world.may(session, `/vms/${guestIdOf(id)}`, "VM.Audit"))
      .map(([id, job]) => describeJob(id, job)),
  "GET /cluster/replication/{id}": ({ id }, { world, session }) => {
    const job = findSection(world, replicationFormat, id, `no such replication job '${id}'`);
    world.require(session, `/vms/${guestIdOf(id)}`, "VM.Audit");
    return { ...describeJob(id, job), digest: fileDigest(world, replicationFormat) };
  },
  "POST /cluster/replication": (parameters, { world, session }) => {
    world.require(session, `/vms/${guestIdOf(parameters.id)}`, "VM.Replicate");
    return createJob(world, parameters);
  },
  "PUT /cluster/replication/{id}": ({ id, delete: remove, digest, ...values }, { world, session }) => {
    world.require(session, `/vms/${guestIdOf(id)}`, "VM.Replicate");
    updateSection(world, replicationFormat, id, { delete: remove, digest, values }, `no such job '${id}'`);
    return null;
  },
  "DELETE /cluster/replication/{id}": ({ id, force = false, keep = false }, { world, session }) => {
    world.require(session, `/vms/${guestIdOf(id)}`, "VM.Replicate");
    if (force) {
      if (keep) throw invalidParameters({ keep: "conflicts with parameter 'force'" });
      Reflect.deleteProperty(sectionsOf(world, replicationFormat), id);
      return null;
    }
    const job = findSection(world, replicationFormat, id, `no such job '${id}'`);
    job["remove_job"] = keep ? "local" : "full";
    scheduleLook(world);
    return null;
  },
  "GET /nodes/{node}/replication": ({ node, guest }, { world, session }) =>
    Object.entries(sectionsOf(world, replicationFormat))
      .filter(([id]) => guestOf(world, id)?.node === node)
      .filter(([id]) => guest === undefined || guestIdOf(id) === guest)
      .filter(([id]) => world.may(session, `/vms/${guestIdOf(id)}`, "VM.Audit"))
      .map(([id, job]) => describeStatus(world, id, job)),
  "GET /nodes/{node}/replication/{id}": () => [{ name: "schedule_now" }, { name: "log" }, { name: "status" }],
  "GET /nodes/{node}/replication/{id}/status": ({ node, id }, { world, session }) => {
    const job = sectionsOf(world, replicationFormat)[id];
    if (job === undefined || guestOf(world, id)?.node !== node || !isRunnable(world, id, job)) {
      throw new ApiError(500, `no such replication job '${id}'`);
    }
    world.require(session, `/vms/${guestIdOf(id)}`, "VM.Audit");
    return describeStatus(world, id, job);
  },
  "GET /nodes/{node}/replication/{id}/log": ({ node, id, start = 0, limit = 50 }, { world, session, attributes }) => {
    findSection(world, replicationFormat, id, `no such replication job '${id}'`);
    if (!world.may(session, `/nodes/${node}`, "Sys.Audit")) world.require(session, `/vms/${guestIdOf(id)}`, "VM.Audit");
    const { log } = recordOf(world, id);
    attributes["total"] = log.length;
    return log.map((t, index) => ({ n: index + 1, t })).slice(start, start + limit);
  },
  "POST /nodes/{node}/replication/{id}/schedule_now": ({ id }, { world, session }) => {
    findSection(world, replicationFormat, id, `no such replication job '${id}'`);
    world.require(session, `/vms/${guestIdOf(id)}`, "VM.Replicate");
    (world.state.replications ??= {})[id] = { ...recordOf(world, id), lastTry: 0, failCount: 0 };
    scheduleLook(world);
    return "";
  },
};

function createJob(world: World, { id, type, ...values }: Parameters<"POST /cluster/replication">): null {
  const { target } = values;
  const guest = guestOf(world, id);
  if (guest === undefined) throw new ApiError(500, `Guest '${guestIdOf(id)}' does not exist.`);
  if (world.state.nodes[target] === undefined) throw new ApiError(500, `Target '${target}' does not exist.`);
  const { node, vmid } = guest;
  const { source = node } = values;
  if (source !== node) {
    throw new ApiError(500, `Source '${source}' does not match current node of guest '${vmid}' (${node})`);
  }
  if (target === node) throw new ApiError(500, "Source and target must not be identical");
  if (replicatableOf(world, id).length === 0) throw new ApiError(500, "No replicatable volumes found");
  const jobs = sectionsOf(world, replicationFormat);
  if (jobs[id] !== undefined) throw new ApiError(500, `replication job '${id}' already exists`);
  if (Object.entries(jobs).some(([other, job]) => guestIdOf(other) === vmid && job["target"] === target)) {
    throw new ApiError(500, `replication job for guest '${vmid}' to target 'local/${target}' already exists`);
  }
  addSection(world, replicationFormat, id, type, { ...values, source });
  scheduleLook(world);
  return null;
}

function replicatableOf(world: World, id: string): string[] {
  const guest = guestOf(world, id);
  try {
    return guest === undefined ? [] : replicatableVolumes(world, guest);
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(500, error instanceof Error ? error.message : String(error));
  }
}

function describeJob(id: string, job: Section): Job {
  const shown = showSection(replicationFormat, job);
  return { ...shown, id, guest: guestIdOf(id), jobnum: Number(id.split("-")[1]) } as unknown as Job;
}

function describeStatus(world: World, id: string, job: Section) {
  const { lastSync, lastTry, failCount, error, duration } = recordOf(world, id);
  return {
    ...describeJob(id, job),
    vmtype: guestOf(world, id)?.type,
    next_sync: nextSync(world, id, job),
    last_sync: lastSync,
    last_try: lastTry,
    fail_count: failCount,
    ...(error === undefined ? {} : { error }),
    ...(duration === undefined ? {} : { duration }),
  };
}
