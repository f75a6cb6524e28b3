import { ApiError, invalidParameters } from "../api-error.ts";
import { unlockedGuest } from "../guest/lock.ts";
import { findSnapshot } from "../guest/snapshots.ts";
import type { Context, Handlers, Returns } from "../handlers.ts";
import { cloudInitSettings, dumpCloudInit } from "../qemu/cloud-init.ts";
import { pendingConfig } from "../qemu/pending.ts";
import { writeCloudInit } from "../qemu/power.ts";
import { hiddenPassword, showSettings } from "../qemu/settings.ts";
import { checkUpdate, readUpdate, type UpdateParameters } from "../qemu/read-update.ts";
import { applyUpdate } from "../qemu/update.ts";
import type { Guest } from "../state/guest.ts";

type Config = Returns<"GET /nodes/{node}/qemu/{vmid}/config">;
type Pending = Returns<"GET /nodes/{node}/qemu/{vmid}/pending">;

/** The configuration of virtual machines. */
export const qemuConfigHandlers: Handlers = {
  "GET /nodes/{node}/qemu/{vmid}/config": ({ node, vmid, current = false, snapshot }, { world }) => {
    if (snapshot !== undefined && current) {
      const problem = "cannot use 'snapshot' parameter with 'current'";
      throw invalidParameters({ snapshot: problem, current: problem });
    }
    const guest = world.guest("qemu", node, vmid);
    if (snapshot !== undefined) return showSettings(guest, findSnapshot(guest, snapshot).config) as Config;
    return showSettings(guest, current ? guest.config : pendingConfig(guest)) as Config;
  },
  "PUT /nodes/{node}/qemu/{vmid}/config": (parameters, context) => updateNow(parameters, context),
  "POST /nodes/{node}/qemu/{vmid}/config": (parameters, context) => {
    const { background_delay: _, "import-working-storage": _storage, ...rest } = parameters;
    return updateInTask(rest, context);
  },
  "GET /nodes/{node}/qemu/{vmid}/pending": ({ node, vmid }, { world }) => listPending(world.guest("qemu", node, vmid)),
  "PUT /nodes/{node}/qemu/{vmid}/unlink": ({ node, vmid, idlist, force }, context) =>
    updateNow({ node, vmid, delete: idlist, ...(force === undefined ? {} : { force }) }, context),
  "GET /nodes/{node}/qemu/{vmid}/cloudinit": ({ node, vmid }, { world }) =>
    listCloudInit(world.guest("qemu", node, vmid)),
  "PUT /nodes/{node}/qemu/{vmid}/cloudinit": ({ node, vmid }, { world }) => {
    writeCloudInit(world, unlockedGuest(world, "qemu", node, vmid), () => undefined);
    return null;
  },
  "GET /nodes/{node}/qemu/{vmid}/cloudinit/dump": ({ node, vmid, type }, { world, session }) => {
    const guest = world.guest("qemu", node, vmid);
    const hidden =
      guest.config["cipassword"] !== undefined && !world.may(session, `/vms/${vmid}`, "VM.Config.Cloudinit");
    const config = hidden ? { ...guest.config, cipassword: hiddenPassword } : guest.config;
    return dumpCloudInit(world, { ...guest, config }, type);
  },
};

function updateNow(parameters: UpdateParameters, context: Context): null {
  const { world } = context;
  const { node, vmid } = parameters;
  const update = readUpdate(context, parameters);
  const guest = world.guest("qemu", node, vmid);
  checkUpdate(context, guest, update);
  refuseBusy(context, guest);
  applyUpdate(context, guest, update, () => undefined);
  return null;
}

function updateInTask(parameters: UpdateParameters, context: Context): string {
  const { world, session } = context;
  const { node, vmid } = parameters;
  const update = readUpdate(context, parameters);
  const guest = world.guest("qemu", node, vmid);
  checkUpdate(context, guest, update);
  refuseBusy(context, guest);
  return world.tasks.start({
    node,
    type: "qmconfig",
    id: vmid,
    session,
    seconds: 2,
    work: (log) => {
      log(`update VM ${vmid}: ${describeUpdate(parameters)}`);
      const changed = world.guest("qemu", node, vmid);
      checkUpdate(context, changed, update);
      applyUpdate(context, changed, update, log);
      return undefined;
    },
  });
}

/** Refuses where a task holds the lock file; a lock in the configuration has been looked at before. */
function refuseBusy({ world }: Context, { vmid }: Guest): void {
  if (!world.tasks.holdsLock(vmid)) return;
  throw new ApiError(500, `can't lock file '/var/lock/qemu-server/lock-${vmid}.conf' - got timeout`);
}

function describeUpdate({ node: _, vmid: _vmid, digest: _digest, ...settings }: UpdateParameters): string {
  return Object.entries(settings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `-${name} ${name === "cipassword" ? "<hidden>" : String(value)}`)
    .join(" ");
}

/** What is and what will be, setting by setting. */
function listPending(guest: Guest): Pending {
  const { config, pending, pendingForce = [] } = guest;
  const show = (name: string, value: string) => (name === "cipassword" ? hiddenPassword : value);
  const current = Object.entries(config).map(([name, value]) => {
    const next = pending[name];
    return {
      key: name,
      value: show(name, value),
      ...(typeof next === "string" ? { pending: show(name, next) } : {}),
      ...(next === null ? { delete: pendingForce.includes(name) ? 2 : 1 } : {}),
    };
  });
  const added = Object.entries(pending).flatMap(([name, value]) =>
    config[name] === undefined && value !== null ? [{ key: name, pending: show(name, value) }] : [],
  );
  return [...current, ...added];
}

/** What the cloud-init drive was made of, and what it would be made of now. */
function listCloudInit(guest: Guest): Returns<"GET /nodes/{node}/qemu/{vmid}/cloudinit"> {
  const settings = cloudInitSettings(guest.config);
  const written = guest.cloudInit ?? settings;
  const show = (name: string, value: string) => (name === "cipassword" ? hiddenPassword : value);
  const now = Object.entries(settings).map(([name, value]) => {
    const before = written[name];
    if (before === undefined) return { key: name, pending: show(name, value) };
    return { key: name, value: show(name, before), ...(before === value ? {} : { pending: show(name, value) }) };
  });
  const gone = Object.keys(written).filter((name) => settings[name] === undefined);
  return [...now, ...gone.map((name) => ({ key: name, delete: 1 }))];
}
