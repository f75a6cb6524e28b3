import { joinAwaitingPools } from "../access/pool-members.ts";
import { permissionError } from "../access/permissions.ts";
import { ApiError } from "../api-error.ts";
import { volumeHasFeature } from "../guest/features.ts";
import { cloneBase } from "../guest/linked-clones.ts";
import { unlockedGuest } from "../guest/lock.ts";
import { copyOf, findSnapshot } from "../guest/snapshots.ts";
import type { Context, Parameters } from "../handlers.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { isShared, splitVolumeId, type World } from "../world.ts";
import { allocateDisk } from "./disks.ts";
import { explaining } from "./explaining.ts";
import { mountPointsOf, printMountPoint, type MountPoint } from "./mount-points.ts";
import { describeCopy } from "./move-volume.ts";
import { checkBridge } from "./permissions.ts";
import { storeSetting, withNewMac } from "./settings.ts";
import { haltSystem, writeSystem } from "./system.ts";

type CloneParameters = Parameters<"POST /nodes/{node}/lxc/{vmid}/clone">;

/** What a clone is made of. */
interface ClonePlan {
  readonly config: Section;
  readonly mountPoints: readonly MountPoint[];
  readonly full: boolean;
}

/** `POST …/clone` */
export function cloneContainer(parameters: CloneParameters, context: Context): string {
  const { node, vmid, newid, pool, snapname, storage } = parameters;
  const { world } = context;
  const target = parameters.target === node ? undefined : parameters.target;
  if (pool !== undefined && world.state.pools[pool] === undefined) {
    throw permissionError(`pool '${pool}' does not exist`);
  }
  checkPlace(world, node, target, storage);
  const source = unlockedGuest(world, "lxc", node, vmid);
  const taken = world.state.guests[newid];
  if (taken !== undefined) {
    throw new ApiError(500, `${taken.type === "lxc" ? "CT" : "VM"} ${newid} already exists on node '${taken.node}'`);
  }
  const plan = planClone(parameters, target, source, context);
  source.config["lock"] = "disk";
  world.state.guests[newid] = {
    type: "lxc",
    vmid: newid,
    node,
    status: "stopped",
    config: { ...plan.config, lock: "create" },
    pending: {},
    snapshots: {},
    firewall: copyOf(source.firewall),
    inside: copyOf(snapname === undefined ? source.inside : findSnapshot(source, snapname).inside),
  };
  joinAwaitingPools(world.state, `/vms/${newid}`);
  return startCloning(parameters, target, plan, context);
}

function startCloning(
  { node, vmid, newid, pool, storage }: CloneParameters,
  target: string | undefined,
  plan: ClonePlan,
  { world, session }: Context,
): string {
  const unlock = () => {
    const source = world.state.guests[vmid];
    if (source !== undefined) delete source.config["lock"];
  };
  return world.tasks.start({
    node,
    type: "vzclone",
    id: vmid,
    session,
    seconds: plan.full ? 15 : 2,
    work: (log) => {
      const clone = world.guest("lxc", node, newid);
      log(`creating a clone of container ${vmid} with ID ${newid}`);
      explaining("clone failed:", () => {
        for (const mountPoint of plan.mountPoints) {
          clone.config[mountPoint.key] = cloneDisk(world, clone, mountPoint, { full: plan.full, storage }, log);
        }
      });
      if (pool !== undefined) clone.pool = pool;
      haltSystem(clone);
      writeSystem(clone, world.node(node), world.seconds());
      delete clone.config["lock"];
      if (target !== undefined) clone.node = target;
      unlock();
      return undefined;
    },
    undo: () => {
      unlock();
      Reflect.deleteProperty(world.state.guests, newid);
    },
  });
}

function cloneDisk(
  world: World,
  clone: Guest,
  mountPoint: MountPoint,
  { full, storage }: { readonly full: boolean; readonly storage: string | undefined },
  log: Log,
): string {
  const { key, volume } = mountPoint;
  if (!full) {
    log(`create linked clone of mount point ${key} (${volume})`);
    return printMountPoint({ ...mountPoint, volume: cloneBase(world, clone.node, volume, clone.vmid) });
  }
  log(`create full clone of mountpoint ${key} (${volume})`);
  const { size } = world.volume(clone.node, volume);
  const copy = allocateDisk(world, clone, storage ?? splitVolumeId(volume).storage, size, log);
  describeCopy(log, size);
  return printMountPoint({ ...mountPoint, volume: copy }, size);
}

function checkPlace(world: World, node: string, target: string | undefined, storage: string | undefined): void {
  if (target !== undefined && world.state.nodes[target] === undefined) {
    throw new ApiError(500, `no such cluster node '${target}'`);
  }
  if (storage === undefined) return;
  const found = world.storage(node, storage);
  if (target === undefined) return;
  world.storage(target, storage);
  if (!isShared(found)) throw new ApiError(500, `can't clone to non-shared storage '${storage}'`);
}

function planClone(
  { node, snapname, storage, full: wanted, hostname, description }: CloneParameters,
  target: string | undefined,
  source: Guest,
  context: Context,
): ClonePlan {
  const { world, session } = context;
  const full = wanted ?? source.config["template"] !== "1";
  if (storage !== undefined && !full) {
    throw new ApiError(500, "parameter 'storage' not allowed for linked clones");
  }
  const config = snapname === undefined ? source.config : findSnapshot(source, snapname).config;
  const mountPoints = mountPointsOf(config);
  for (const { key, kind, volume } of mountPoints) {
    if (kind !== "volume") throw new ApiError(500, `unable to clone mountpoint '${key}' (type ${kind})`);
    world.require(session, `/storage/${storage ?? splitVolumeId(volume).storage}`, "Datastore.AllocateSpace");
    if (full && source.status === "running" && snapname === undefined) {
      throw new ApiError(500, "Full clone of a running container is only possible from a snapshot");
    }
    if (!full && !volumeHasFeature(world, "lxc", node, volume, "clone", snapname)) {
      throw new ApiError(500, `Linked clone feature for '${volume}' is not available`);
    }
  }
  const local = mountPoints.some(({ volume }) => {
    const found = world.state.storages[storage ?? splitVolumeId(volume).storage];
    return found === undefined || !isShared(found);
  });
  if (target !== undefined && local) {
    throw new ApiError(500, `can't clone CT to node '${target}' (CT uses local storage)`);
  }
  const settings = Object.entries(config)
    .filter(([key]) => !/^(?:rootfs|mp\d+|unused\d+|lock|parent|template)$/.test(key))
    .map(([key, text]) => {
      if (!/^net\d+$/.test(key)) return [key, text] as const;
      checkBridge(context, text);
      return [key, withNewMac(key, text)] as const;
    });
  return {
    full,
    mountPoints,
    config: {
      ...Object.fromEntries(settings),
      ...(hostname === undefined ? {} : { hostname }),
      ...(description === undefined ? {} : { description: storeSetting(world, "description", description) }),
    },
  };
}
