import { joinAwaitingPools } from "../access/pool-members.ts";
import { randomUUID } from "node:crypto";
import { permissionError } from "../access/permissions.ts";
import { ApiError, invalidParameters } from "../api-error.ts";
import { parseSetting, printSetting } from "../guest/config.ts";
import { volumeHasFeature } from "../guest/features.ts";
import { copyOf } from "../guest/snapshots.ts";
import type { Context, Parameters } from "../handlers.ts";
import { copyDrive, linkDrive } from "../qemu/copy-disk.ts";
import { drivesOf, isCdrom, isCloudInit, isDriveName, parseDrive, printDrive, volumeOf } from "../qemu/drives.ts";
import { withNewMac } from "../qemu/networks.ts";
import { newMachine } from "../qemu/new-machine.ts";
import { checkBridges, checkCpuModel } from "../qemu/permissions.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import { isShared, splitVolumeId } from "../world.ts";

type CloneParameters = Parameters<"POST /nodes/{node}/qemu/{vmid}/clone">;

const notCopied = /^(?:lock|parent|snaptime|vmstate|snapstate|runningcpu|runningmachine|template|unused\d+)$/;

/** `POST …/clone`: a copy, or for templates a linked clone. */
export function cloneMachine(parameters: CloneParameters, context: Context): string {
  const { node, vmid, newid, name, description, pool, snapname, target, storage, format } = parameters;
  const { world, session } = context;
  const destination = target === undefined || target === node ? undefined : target;
  if (pool !== undefined && world.state.pools[pool] === undefined)
    throw permissionError(`pool '${pool}' does not exist`);
  const source = world.guest("qemu", node, vmid);
  checkTarget(context, parameters, destination);
  const { lock } = source.config;
  if (lock !== undefined) throw new ApiError(500, `VM is locked (${lock})`);
  const full = parameters.full ?? source.config["template"] !== "1";
  const config = copyOf(configToClone(source, snapname));
  checkClone(context, source, config, { ...parameters, full }, destination);
  if (world.state.guests[newid] !== undefined) {
    throw new ApiError(500, `unable to create VM ${newid}: config file already exists`);
  }
  world.state.guests[newid] = newMachine(node, newid, { lock: "clone" });
  joinAwaitingPools(world.state, `/vms/${newid}`);
  return world.tasks.start({
    node,
    type: "qmclone",
    id: vmid,
    session,
    seconds: full ? 15 : 2,
    work: (log) => {
      log(`creating a clone of VM ${vmid} with ID ${newid}`);
      const clone = world.guest("qemu", node, newid);
      const drives = drivesOf(config).filter(({ drive }) => !isCdrom(drive) || isCloudInit(drive));
      const to = { node, vmid: newid, storage, format, snapname };
      const copies = drives.map(({ name: drive, drive: original }) => {
        const copied = full || isCloudInit(original) || drive === "tpmstate0";
        return [drive, printDrive(drive, (copied ? copyDrive : linkDrive)(world, original, to, log))] as const;
      });
      const parent = world.guest("qemu", node, vmid);
      if (Object.keys(parent.pending).length > 0) {
        log(`found pending changes for '${Object.keys(parent.pending).join(",")}', discarding for clone`);
      }
      clone.config = {
        ...identityOf(config),
        ...Object.fromEntries(copies),
        name: name ?? `Copy-of-VM-${config["name"] ?? vmid}`,
        ...(description === undefined ? {} : { description: description.trimEnd() }),
      };
      clone.firewall = copyOf(parent.firewall);
      const { cloudInit: _, ...inside } = copyOf(
        snapname === undefined ? parent.inside : (parent.snapshots[snapname]?.inside ?? parent.inside),
      );
      clone.inside = { ...inside, agent: false, executions: {} };
      if (pool !== undefined) clone.pool = pool;
      if (destination !== undefined) clone.node = destination;
      return undefined;
    },
    undo: () => {
      if (world.state.guests[newid]?.config["lock"] === "clone") Reflect.deleteProperty(world.state.guests, newid);
    },
  });
}

function configToClone({ config, snapshots }: Guest, snapname: string | undefined): Section {
  const chosen = snapname === undefined ? config : snapshots[snapname]?.config;
  if (chosen === undefined) throw new ApiError(500, `snapshot '${snapname ?? ""}' does not exist`);
  return chosen;
}

function checkTarget({ world }: Context, { node, storage }: CloneParameters, target: string | undefined): void {
  if (target !== undefined && world.state.nodes[target] === undefined)
    throw new ApiError(500, `no such cluster node '${target}'`);
  if (storage === undefined) return;
  const state = world.storage(node, storage);
  if (!(state.config["content"] ?? "").split(",").includes("images")) {
    throw invalidParameters({ storage: `storage '${storage}' does not support vm images` });
  }
  if (target === undefined) return;
  world.storage(target, storage);
  if (!isShared(state)) throw new ApiError(500, `can't clone to non-shared storage '${storage}'`);
}

function checkClone(
  context: Context,
  source: Guest,
  config: Section,
  { storage, format, snapname, full }: CloneParameters & { readonly full: boolean },
  target: string | undefined,
): void {
  const { world, session } = context;
  if (!full && storage !== undefined) throw new ApiError(500, "parameter 'storage' not allowed for linked clones");
  if (!full && format !== undefined) throw new ApiError(500, "parameter 'format' not allowed for linked clones");
  let shared = true;
  for (const { name, drive } of drivesOf(config)) {
    const id = volumeOf(drive);
    if (id === undefined) continue;
    const own = splitVolumeId(id).storage;
    shared &&= isShared(world.storage(source.node, own));
    if (isCdrom(drive) && !isCloudInit(drive)) continue;
    if (!isCdrom(drive)) world.require(session, `/storage/${storage ?? own}`, "Datastore.AllocateSpace");
    if (full && source.status === "running" && snapname === undefined && name === "tpmstate0") {
      throw new ApiError(500, "cannot clone TPM state while VM is running");
    }
    if (isCloudInit(drive)) continue;
    const copied = full || name === "tpmstate0";
    if (volumeHasFeature(world, "qemu", source.node, id, copied ? "copy" : "clone", snapname)) continue;
    const of = `${snapname === undefined ? "" : " a snapshot of"} '${id}' (${name})`;
    throw new ApiError(500, `${copied ? "Full" : "Linked"} clone feature is not supported for${of}`);
  }
  checkBridges(context, config);
  checkCpuModel(context, config["cpu"]);
  if (target !== undefined && !shared) {
    throw new ApiError(500, `can't clone VM to node '${target}' (VM uses local storage)`);
  }
}

/** A configuration with all that must not be there twice made anew. */
function identityOf(config: Section): Section {
  const kept = Object.entries(config).filter(([name, text]) => {
    if (notCopied.test(name)) return false;
    if (!isDriveName(name)) return true;
    const drive = parseDrive(name, text);
    return isCdrom(drive) && !isCloudInit(drive);
  });
  const renewed = kept.map(([name, text]) => [name, /^net\d+$/.test(name) ? withNewMac(name, text) : text] as const);
  const smbios = parseSetting("qemu", "smbios1", config["smbios1"] ?? "");
  return {
    ...Object.fromEntries(renewed),
    smbios1: printSetting("qemu", "smbios1", { ...smbios, uuid: randomUUID() }),
    ...(config["vmgenid"] === undefined ? {} : { vmgenid: randomUUID() }),
  };
}
