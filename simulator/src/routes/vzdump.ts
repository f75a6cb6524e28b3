import { ApiError } from "../api-error.ts";
import { unpackBackup } from "../backup/archive.ts";
import { markBackups, parseRetention } from "../backup/retention.ts";
import { pruneBackups } from "../backup/prune.ts";
import { checkSelection, selectGuests } from "../backup/selection.ts";
import { startBackup } from "../backup/vzdump.ts";
import type { Context, Handlers } from "../handlers.ts";
import { toSection } from "../section-config.ts";
import type { Guest } from "../state/guest.ts";
import type { Volume } from "../state/storage.ts";
import type { World } from "../world.ts";

/** Backups that are made now, and the removal of old ones. */
export const vzdumpHandlers: Handlers = {
  "POST /nodes/{node}/vzdump": ({ node = "", ...parameters }, { world, session }) => {
    for (const name of ["script", "dumpdir", "tmpdir"] as const) {
      if (parameters[name] !== undefined && session.user !== "root@pam") {
        throw new ApiError(403, `Permission check failed (parameter '${name}' is only allowed for root@pam)`);
      }
      if (parameters[name] !== undefined)
        throw new ApiError(501, `the simulator does not know '${name}' of a backup yet`);
    }
    const options = toSection(parameters);
    checkSelection(options);
    const chosen = selectGuests(world, options);
    for (const { vmid } of chosen) world.require(session, `/vms/${vmid}`, "VM.Backup");
    world.require(session, `/storage/${options["storage"] ?? "local"}`, "Datastore.AllocateSpace");
    const vmids = chosen.filter((guest) => guest.node === node).map(({ vmid }) => vmid);
    if (vmids.length === 0) return "OK";
    return startBackup(world, { node, vmids, options, session });
  },
  "GET /nodes/{node}/vzdump/defaults": ({ storage }, { world }) => {
    const retention = storage === undefined ? undefined : world.state.storages[storage]?.config["prune-backups"];
    return {
      mode: "snapshot" as const,
      compress: "0" as const,
      ionice: 7,
      lockwait: 180,
      stopwait: 10,
      "notes-template": "{{guestname}}",
      "prune-backups": retention ?? "keep-all=1",
    };
  },
  "GET /nodes/{node}/vzdump/extractconfig": ({ node, volume }, { world }) => {
    const archive = unpackBackup(world.volume(node, volume));
    if (archive === undefined) throw new ApiError(500, `unable to find configuration in '${volume}'`);
    return Object.entries(archive.config)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}: ${value.trimEnd()}\n`)
      .join("");
  },
  "GET /nodes/{node}/storage/{storage}/prunebackups": (parameters, { world }) =>
    backupsOf(world, parameters).flatMap(({ type, vmid, backups, retention, timezone }) =>
      markBackups(backups, parseRetention(retention), timezone).map(({ backup, mark }) => ({
        volid: `${parameters.storage}:${backup.name}`,
        ctime: backup.created,
        mark,
        type,
        vmid,
      })),
    ),
  "DELETE /nodes/{node}/storage/{storage}/prunebackups": removeOld,
};

interface Selection {
  readonly node: string;
  readonly storage: string;
  readonly "prune-backups"?: string;
  readonly type?: Guest["type"];
  readonly vmid?: number;
}

interface BackupGroup {
  readonly type: Guest["type"];
  readonly vmid: number;
  readonly backups: Volume[];
  readonly retention: string;
  readonly timezone: string;
}

function backupsOf(world: World, selection: Selection): BackupGroup[] {
  const { node, storage, type, vmid } = selection;
  const retention = selection["prune-backups"] ?? world.storage(node, storage).config["prune-backups"];
  if (retention === undefined) throw new ApiError(500, "no prune-backups options configured!");
  const groups = new Map<string, BackupGroup>();
  for (const volume of Object.values(world.volumesOn(node, storage))) {
    const [, kind, id] = /vzdump-(lxc|qemu)-(\d+)-/.exec(volume.name) ?? [];
    if (volume.content !== "backup" || kind === undefined || id === undefined) continue;
    if ((type ?? kind) !== kind || String(vmid ?? id) !== id) continue;
    const group = groups.get(`${kind}/${id}`) ?? {
      type: kind === "lxc" ? "lxc" : "qemu",
      vmid: Number(id),
      backups: [],
      retention,
      timezone: world.node(node).timezone,
    };
    group.backups.push(volume);
    groups.set(`${kind}/${id}`, group);
  }
  return [...groups.values()];
}

function removeOld(selection: Selection, { world, session }: Context): string {
  const { node, storage } = selection;
  const groups = backupsOf(world, selection).map(({ type, vmid, retention }) => ({ type, vmid, retention }));
  return world.tasks.start({
    node,
    type: "prunebackups",
    id: storage,
    session,
    seconds: 1,
    work: (log) => {
      for (const group of groups) {
        for (const name of pruneBackups(world, { node, storage, ...group })) log(`removed backup '${storage}:${name}'`);
      }
      return undefined;
    },
  });
}
