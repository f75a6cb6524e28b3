import { requireDestination } from "../node/reach.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import { requestFromHa } from "../guest/ha-requests.ts";
import { unlockedGuest } from "../guest/lock.ts";
import type { Context, Handlers, Parameters } from "../handlers.ts";
import { splitList } from "../lists.ts";
import { localVolumes, moveVolumes, type StorageMap } from "../qemu/migrate-volumes.ts";
import { drivesOf, volumeOf } from "../qemu/drives.ts";
import { requireRootFor } from "../qemu/permissions.ts";
import type { Guest } from "../state/guest.ts";
import type { Log } from "../tasks.ts";
import { isOnNode, splitVolumeId, type World } from "../world.ts";

type MigrateParameters = Parameters<"POST /nodes/{node}/qemu/{vmid}/migrate">;

/** Virtual machines that move to other nodes. */
export const qemuMigrateHandlers: Handlers = {
  "GET /nodes/{node}/qemu/{vmid}/migrate": ({ node, vmid }, { world }) => {
    const guest = unlockedGuest(world, "qemu", node, vmid);
    const others = Object.keys(world.state.nodes).filter((name) => name !== node);
    const missing = others.map((name) => [name, missingStorages(world, guest, name)] as const);
    return {
      running: guest.status === "running" ? 1 : 0,
      allowed_nodes: missing.filter(([, storages]) => storages.length === 0).map(([name]) => name),
      not_allowed_nodes: Object.fromEntries(
        missing
          .filter(([, storages]) => storages.length > 0)
          .map(([name, storages]) => [name, { unavailable_storages: storages }]),
      ),
      local_disks: localVolumes(world, guest).map(({ id, cdrom, unused, size }) => ({
        volid: id,
        size,
        cdrom: cdrom ? 1 : 0,
        is_unused: unused ? 1 : 0,
      })),
      local_resources: localResources(guest),
      "mapped-resources": [],
      "mapped-resource-info": {},
      "has-dbus-vmstate": 1,
    };
  },
  "POST /nodes/{node}/qemu/{vmid}/migrate": migrateMachine,
};

function migrateMachine(parameters: MigrateParameters, context: Context): string {
  const { node, vmid, target, online = false, targetstorage, force, migration_type, migration_network } = parameters;
  const { world, session } = context;
  if (target === node) throw invalidParameters({ target: "target is local node." });
  if (world.state.nodes[target] === undefined) throw new ApiError(500, `no such cluster node '${target}'`);
  requireRootFor(context, { force, migration_type, migration_network });
  const guest = unlockedGuest(world, "qemu", node, vmid);
  if (guest.status === "running" && !online) throw new ApiError(500, "can't migrate running VM without --online");
  const map = readStorageMap(targetstorage);
  checkStorages(context, guest, target, map);
  const asked = requestFromHa(context, guest, { kind: "migrate", target, online });
  if (asked !== undefined) return asked;
  return world.tasks.start({
    node,
    type: "qmigrate",
    id: vmid,
    session,
    seconds: guest.status === "running" ? 12 : 8,
    work: (log) => {
      migrate(world, world.guest("qemu", node, vmid), parameters, map, log);
      return undefined;
    },
  });
}

function migrate(
  world: World,
  guest: Guest,
  { target, "with-local-disks": withLocalDisks = false, force = false }: MigrateParameters,
  map: StorageMap,
  log: Log,
): void {
  const { vmid } = guest;
  try {
    requireDestination(world, target);
  } catch (error) {
    log(`ERROR: migration aborted (duration 00:00:00): ${error instanceof Error ? error.message : String(error)}`);
    throw new ApiError(500, "migration aborted");
  }
  log(`starting migration of VM ${vmid} to node '${target}' (${world.node(target).address})`);
  const abort = (problem: string) => {
    log(`ERROR: ${problem}`);
    log("aborting phase 1 - cleanup resources");
    log(`ERROR: migration aborted (duration 00:00:00): ${problem}`);
    throw new ApiError(500, "migration aborted");
  };
  const resources = localResources(guest);
  if (resources.length > 0 && !force) abort(`can't migrate VM which uses local devices: ${resources.join(", ")}`);
  const running = guest.status === "running";
  const problems = localVolumes(world, guest).flatMap(({ id, cdrom, unused }) => {
    if (cdrom) return [`can't migrate local disk '${id}': local cdrom image`];
    if (!running || unused || withLocalDisks) return [];
    return [
      `can't migrate local disk '${id}': can't live migrate attached local disks without with-local-disks option`,
    ];
  });
  for (const problem of problems) log(problem);
  if (problems.length > 0) abort("Problem found while scanning volumes - can't migrate VM - check log");
  moveVolumes(world, guest, target, map, log);
  guest.node = target;
  log("migration finished successfully (duration 00:00:08)");
}

/** Devices of the node that another one lacks. */
function localResources({ config }: Guest): string[] {
  return Object.entries(config)
    .filter(
      ([name, text]) =>
        (/^(?:usb|hostpci)\d+$/.test(name) && !/(?:^|[,=])spice/i.test(text) && !text.includes("mapping=")) ||
        (/^serial\d+$/.test(name) && text !== "socket") ||
        /^(?:parallel\d+|ivshmem)$/.test(name),
    )
    .map(([name]) => name);
}

function missingStorages({ state }: World, { config }: Guest, node: string): string[] {
  const storages = drivesOf(config)
    .map(({ drive }) => volumeOf(drive))
    .filter((id) => id !== undefined)
    .map((id) => splitVolumeId(id).storage);
  return [...new Set(storages)]
    .filter((name) => {
      const storage = state.storages[name];
      return storage === undefined || storage.config["disable"] === "1" || !isOnNode(storage, node);
    })
    .sort();
}

function checkStorages({ world, session }: Context, guest: Guest, target: string, map: StorageMap): void {
  for (const { drive } of drivesOf(guest.config)) {
    const id = volumeOf(drive);
    if (id === undefined) continue;
    const { storage } = splitVolumeId(id);
    world.storage(guest.node, storage);
    const mapped = map(storage);
    world.storage(target, mapped);
    if (mapped === storage) continue;
    world.require(session, `/storage/${mapped}`, "Datastore.AllocateSpace");
    if (!(world.storage(target, mapped).config["content"] ?? "").split(",").includes("images")) {
      throw new ApiError(500, `storage '${mapped}' does not support vm images`);
    }
  }
}

/** `1`, one storage for all, or pairs: `local-zfs:tank,local:nas`. */
function readStorageMap(text: string | undefined): StorageMap {
  const items = splitList(text);
  const pairs = new Map(items.filter((item) => item.includes(":")).map((item) => item.split(":") as [string, string]));
  const single = items.find((item) => !item.includes(":") && item !== "1");
  return (storage) => pairs.get(storage) ?? single ?? storage;
}
