import { ApiError } from "../api-error.ts";
import { allocateVolume, keepsFiles, requireContent } from "../guest/volumes.ts";
import { parseSize } from "../guest/sizes.ts";
import type { Context, Handlers } from "../handlers.ts";
import { pathOf } from "../storage/content.ts";
import type { Session } from "../state/access.ts";
import type { Volume } from "../state/storage.ts";
import { splitVolumeId, type World } from "../world.ts";

/** The volumes of a storage. */
export const storageContentHandlers: Handlers = {
  "GET /nodes/{node}/storage/{storage}/content": ({ node, storage, content, vmid }, { world, session }) => {
    world.storage(node, storage);
    return Object.values(world.volumesOn(node, storage))
      .filter((volume) => content === undefined || volume.content === content)
      .filter((volume) => vmid === undefined || volume.vmid === vmid)
      .filter((volume) => maySee(world, session, storage, volume))
      .map((volume) => describeVolume(storage, volume))
      .sort((a, b) => (a.volid < b.volid ? -1 : 1));
  },
  "POST /nodes/{node}/storage/{storage}/content": (parameters, { world }) => {
    const { node, storage, filename, vmid, size, format } = parameters;
    const target = world.storage(node, storage);
    requireContent(target, "images");
    const name = new RegExp(`^(?:${vmid}/)?(vm-${vmid}-[\\w.-]+?)(?:\\.(?:raw|qcow2|vmdk))?$`).exec(filename)?.[1];
    if (name === undefined) throw new ApiError(500, `illegal name '${filename}' - should be 'vm-${vmid}-*'`);
    // A number alone is kilobytes here.
    const bytes = /[MG]$/.test(size) ? parseSize(size) : Number(size) * 1024;
    return allocateVolume(world, {
      node,
      storage,
      vmid,
      type: "qemu",
      size: bytes,
      format,
      name: name.slice(`vm-${vmid}-`.length),
    });
  },
  "GET /nodes/{node}/storage/{storage}/content/{volume}": (parameters, { world, session }) => {
    const { storage, volume } = findVolume(parameters, world, session);
    const { format, size, notes, protected: isProtected } = volume;
    return {
      path: pathOf(world.storage(parameters.node, storage).config, volume),
      format,
      size,
      used: size,
      ...(notes === undefined ? {} : { notes }),
      ...(isProtected === true ? { protected: 1 as const } : {}),
    };
  },
  "PUT /nodes/{node}/storage/{storage}/content/{volume}": (parameters, { world, session }) => {
    const { storage, volume } = findVolume(parameters, world, session);
    world.require(session, `/storage/${storage}`, "Datastore.Allocate");
    if (volume.content !== "backup") {
      throw new ApiError(500, `cannot set attribute on volume '${storage}:${volume.name}': not supported`);
    }
    if (parameters.notes !== undefined) volume.notes = parameters.notes;
    if (parameters.protected !== undefined) volume.protected = parameters.protected;
    return null;
  },
  "DELETE /nodes/{node}/storage/{storage}/content/{volume}": deleteVolume,
};

/** A volume as lists show it. */
function describeVolume(storage: string, volume: Volume) {
  const { name, content, format, size, created, vmid, notes, protected: isProtected, parent } = volume;
  const subtype = content === "backup" ? /vzdump-(lxc|qemu)-/.exec(name)?.[1] : undefined;
  return {
    volid: `${storage}:${name}`,
    content,
    format,
    size,
    ctime: created,
    ...(vmid === undefined ? {} : { vmid }),
    ...(subtype === undefined ? {} : { subtype }),
    ...(notes === undefined ? {} : { notes }),
    ...(isProtected === true ? { protected: 1 as const } : {}),
    ...(parent === undefined ? {} : { parent }),
  };
}

interface VolumePath {
  readonly node: string;
  readonly storage?: string;
  /** Its ID, or its name alone. */
  readonly volume: string;
}

function findVolume(
  { node, storage: named, volume: text }: VolumePath,
  world: World,
  session: Session,
): { readonly storage: string; readonly volume: Volume } {
  const volumeId = text.includes(":") ? text : `${named ?? ""}:${text}`;
  const { storage } = splitVolumeId(volumeId);
  if (named !== undefined && storage !== named) {
    throw new ApiError(400, "Parameter verification failed.", { volume: "volume ID does not match storage" });
  }
  const volume = world.volume(node, volumeId);
  if (!maySee(world, session, storage, volume)) world.require(session, `/storage/${storage}`, "Datastore.Audit");
  return { storage, volume };
}

/** What a guest owns is seen by those who see the guest's disks, everything by who allocates on the storage. */
function maySee(world: World, session: Session, storage: string, { content, vmid }: Volume): boolean {
  const path = `/storage/${storage}`;
  if (world.may(session, path, "Datastore.Allocate")) return true;
  if (["iso", "vztmpl", "import", "snippets"].includes(content)) {
    return world.may(session, path, "Datastore.Audit", "Datastore.AllocateSpace");
  }
  if (vmid === undefined) return false;
  const needed = content === "backup" ? "VM.Backup" : "VM.Config.Disk";
  return (
    world.may(session, `/vms/${vmid}`, needed) && world.may(session, path, "Datastore.AllocateSpace", "Datastore.Audit")
  );
}

function deleteVolume(parameters: VolumePath, { world, session }: Context): string {
  const { node } = parameters;
  const { storage, volume } = findVolume(parameters, world, session);
  if (volume.content === "backup" || volume.vmid === undefined) {
    const owner = volume.vmid !== undefined && world.may(session, `/vms/${volume.vmid}`, "VM.Backup");
    if (!owner || !world.may(session, `/storage/${storage}`, "Datastore.AllocateSpace")) {
      world.require(session, `/storage/${storage}`, "Datastore.Allocate");
    }
  } else world.require(session, `/storage/${storage}`, "Datastore.Allocate");
  const volumeId = `${storage}:${volume.name}`;
  const { name, vmid: owner } = volume;
  return world.tasks.start({
    node,
    type: "imgdel",
    id: owner === undefined ? storage : `${owner}@${storage}`,
    session,
    seconds: 1,
    work: (log) => {
      removeVolume(world, node, storage, name);
      log(`Removed volume '${volumeId}'`);
      return undefined;
    },
  });
}

/** Removes a volume that nothing else needs. */
function removeVolume(world: World, node: string, storage: string, name: string): void {
  const volumes = world.volumesOn(node, storage);
  const volume = volumes[name];
  if (volume === undefined) throw new Error(`volume '${storage}:${name}' does not exist`);
  if (volume.protected === true) throw new Error(`cannot remove protected volume '${name}' on '${storage}'`);
  if (Object.values(volumes).some(({ parent }) => parent === name)) {
    throw new Error(`base volume '${name}' is still in use by linked clones`);
  }
  if (!keepsFiles(world.storage(node, storage)) && volume.vmid !== undefined) {
    const { status } = world.state.guests[volume.vmid] ?? { status: "stopped" };
    if (status === "running") {
      throw new Error(
        `zfs error: cannot destroy '${pathOf(world.storage(node, storage).config, volume).replace(/^\/(?:dev\/zvol\/)?/, "")}': dataset is busy`,
      );
    }
  }
  Reflect.deleteProperty(volumes, name);
}
