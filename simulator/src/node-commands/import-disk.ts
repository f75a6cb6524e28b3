import { posix } from "node:path";
import { ApiError } from "../api-error.ts";
import { unlockedGuest } from "../guest/lock.ts";
import { allocateVolume } from "../guest/volumes.ts";
import type { Call } from "../shell/machine.ts";
import type { Guest } from "../state/guest.ts";
import { CommandError } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import type { Site } from "./command-tree.ts";

/** `qm disk import VMID SOURCE STORAGE`: the image becomes an unused disk of the machine. */
export function importDisk(call: Call, { world, node }: Site): number {
  const args = call.args.map((arg) => arg.replace(/^-(format|target-disk)/, "--$1"));
  const { given, operands } = readOptions(args, "", ["format="]);
  const [id, source, storage] = operands;
  if (id === undefined || source === undefined || storage === undefined)
    throw new ApiError(400, "not enough arguments");
  const vmid = Number(id);
  const path = posix.resolve(call.folder, source);
  if (!call.machine.files.exists(path)) throw new ApiError(500, `failed to stat '${path}'`);
  const { size } = call.machine.files.stat(path);
  if (size === 0) throw new CommandError(`${path} is empty`, 255);
  call.out(`importing disk '${source}' to VM ${vmid} ...\n`);
  const { name, volume } = world.transaction(() => {
    const guest = unlockedGuest(world, "qemu", node, vmid);
    const format = given.get("format");
    const made = allocateVolume(world, { node, storage, vmid, type: "qemu", size, format });
    const unused = freeName(guest);
    guest.config[unused] = made;
    return { name: unused, volume: made };
  });
  call.out(`transferred ${size} of ${size} bytes (100.00%)\n${name}: successfully imported disk '${volume}'\n`);
  return 0;
}

function freeName({ config }: Guest): string {
  let index = 0;
  while (config[`unused${index}`] !== undefined) index++;
  return `unused${index}`;
}
