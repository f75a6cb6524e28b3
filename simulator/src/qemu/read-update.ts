import { ApiError, invalidParameters } from "../api-error.ts";
import type { Context } from "../handlers.ts";
import { splitList } from "../lists.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";
import { checkStorageAccess } from "./check-access.ts";
import { memoryOf } from "./describe.ts";
import { definedOnly } from "./pending.ts";
import { checkBridges, checkCpuModel, checkOptions, requireRootFor } from "./permissions.ts";
import { checkMachineDigest, isSetting, toSettings } from "./settings.ts";

/** What `PUT …/config` takes, whatever the settings are. */
export interface UpdateParameters {
  readonly node: string;
  readonly vmid: number;
  readonly digest?: string;
  readonly delete?: string;
  readonly revert?: string;
  readonly force?: boolean;
  readonly skiplock?: boolean;
  readonly [setting: string]: unknown;
}

/** A change that has passed all checks that need no look at the machine. */
export interface Update {
  readonly settings: Section;
  readonly remove: readonly string[];
  readonly revert: readonly string[];
  readonly digest: string | undefined;
  readonly force: boolean;
  readonly skiplock: boolean;
}

/** Checks a change of a configuration. */
export function readUpdate(context: Context, parameters: UpdateParameters): Update {
  const { node, vmid, digest, delete: remove, revert, force = false, skiplock = false, ...values } = parameters;
  requireRootFor(context, { skiplock });
  if (remove === undefined && revert === undefined && Object.keys(values).length === 0) {
    throw new ApiError(500, "no options specified");
  }
  const settings = toSettings(context.world, node, values);
  const reverted = namesIn(revert, "revert", settings);
  const removed = namesIn(remove, "delete", settings).map((name) => (name === "cdrom" ? "ide2" : name));
  const both = removed.find((name) => reverted.includes(name));
  if (both !== undefined) {
    throw invalidParameters({ revert: `you can't use '-delete ${both}' and -revert ${both}' at the same time` });
  }
  const target = { vmid };
  checkOptions(context, target, removed);
  checkOptions(context, target, Object.keys(settings));
  checkStorageAccess(context, { node, vmid }, settings);
  checkBridges(context, settings);
  return { settings, remove: removed, revert: reverted, digest, force, skiplock };
}

/** The checks of a change that need the machine as it is. */
export function checkUpdate(context: Context, guest: Guest, update: Update): void {
  const { settings, digest, skiplock } = update;
  const { config, pending } = guest;
  checkMachineDigest(guest, digest);
  checkCpuModel(context, settings["cpu"], config["cpu"]);
  if (config["lock"] !== undefined && !skiplock) throw new ApiError(500, `VM is locked (${config["lock"]})`);
  if (settings["memory"] === undefined && settings["balloon"] === undefined) return;
  const memory = memoryOf({ ...guest, config: { ...config, ...definedOnly(pending), ...settings } });
  const balloon = Number(settings["balloon"] ?? pending["balloon"] ?? config["balloon"] ?? 0);
  if (balloon > memory) throw new ApiError(500, "balloon value too large (must be smaller than assigned memory)");
}

function namesIn(list: string | undefined, option: "delete" | "revert", settings: Section): string[] {
  return splitList(list).map((name) => {
    if (settings[name] !== undefined) {
      throw invalidParameters({ delete: `you can't use '-${name}' and -${option} ${name}' at the same time` });
    }
    if (!isSetting(name)) throw invalidParameters({ [option]: `unknown option '${name}'` });
    return name;
  });
}
