import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import type { BlockDevice } from "../qemu/block-devices.ts";
import { CommandError, PlainError, type Call, type Program } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import { absolute } from "../shell/programs/paths.ts";
import type { DiskFileSystem } from "../state/storage.ts";
import { folderEntry } from "../files/file-layer.ts";
import type { Mounts } from "./guest-mounts.ts";

/** Programs for the disks of a system and what is mounted. */
export function diskPrograms(mounts: Mounts): Readonly<Record<string, Program>> {
  return {
    blkid: (call) => blkid(call, mounts),
    findmnt: (call) => findmnt(call, mounts),
    "mkfs.ext4": (call) => makeExt4(call, mounts),
    "mkfs.xfs": (call) => makeXfs(call, mounts),
    mount: (call) => mount(call, mounts),
    mountpoint: (call) => mountpoint(call, mounts),
    umount: (call) => unmount(call, mounts),
    wipefs: (call) => wipefs(call, mounts),
  };
}

/** One line of what is written on a disk: wipefs finds it by where it is. */
interface Signature {
  readonly offset: string;
  readonly type: string;
  readonly uuid: string;
  readonly label: string;
}

const offsets = { ext4: "0x438", xfs: "0x0" } as const;

function signaturesOf({ volume: { fileSystem, image } }: BlockDevice): Signature[] {
  if (fileSystem !== undefined) return [{ offset: offsets[fileSystem.type], ...fileSystem }];
  // A cloud image begins with a table of partitions.
  return image === undefined
    ? []
    : [
        { offset: "0x200", type: "gpt", uuid: "", label: "" },
        { offset: "0x1fe", type: "PMBR", uuid: "", label: "" },
      ];
}

function blkid(call: Call, mounts: Mounts): number {
  const { given, operands } = readOptions(call.args, "ps:o:", ["probe|p", "match-tag=|s", "output=|o"]);
  const [path = ""] = operands;
  if (operands.length !== 1) throw new CommandError("the simulator wants exactly one disk");
  const device = mounts.findDevice(absolute(call, path));
  if (device === undefined) {
    call.err(`blkid: error: ${path}: No such file or directory\n`);
    return 2;
  }
  const { fileSystem } = device.volume;
  const [table] = signaturesOf(device);
  if (table === undefined) return 2;
  const all = fileSystem === undefined ? { PTTYPE: table.type } : tagsOf(fileSystem);
  const tags = Object.entries(all).filter(([tag, value]) => value !== "" && (given.get("s") ?? tag) === tag);
  if (tags.length === 0) return 2;
  if (given.get("o") === "value") call.out(tags.map(([, value]) => `${value}\n`).join(""));
  else if (given.get("o") === "export") call.out(tags.map(([tag, value]) => `${tag}=${value}\n`).join(""));
  else call.out(`${path}: ${tags.map(([tag, value]) => `${tag}="${value}"`).join(" ")}\n`);
  return 0;
}

function tagsOf({ type, label, uuid }: DiskFileSystem): Record<string, string> {
  return { LABEL: label, UUID: uuid, BLOCK_SIZE: type === "ext4" ? "4096" : "512", TYPE: type };
}

function wipefs(call: Call, mounts: Mounts): number {
  const { given, operands } = readOptions(call.args, "anpfq", [
    ...["all|a", "no-act|n", "parsable|p", "force|f", "quiet|q"],
  ]);
  for (const path of operands) {
    const device = requireDevice(call, mounts, path, "probing initialization failed: No such file or directory");
    const found = signaturesOf(device);
    if (given.has("a")) {
      if (isMounted(mounts, device) && !given.has("f"))
        throw new CommandError(`error: ${path}: probing initialization failed: Device or resource busy`);
      for (const { offset, type } of found)
        if (!given.has("q")) call.out(`${path}: bytes were erased at offset ${offset} (${type})\n`);
      if (!given.has("n")) mounts.format(device, undefined);
    } else if (given.has("p")) {
      if (found.length > 0) call.out("# offset,uuid,label,type\n");
      for (const { offset, uuid, label, type } of found) call.out(`${offset},${uuid},${label},${type}\n`);
    } else if (found.length > 0) {
      call.out("DEVICE OFFSET TYPE UUID LABEL\n");
      for (const { offset, type, uuid, label } of found)
        call.out(`${posix.basename(device.path)} ${offset} ${type} ${uuid} ${label}\n`);
    }
  }
  return 0;
}

function makeExt4(call: Call, mounts: Mounts): number {
  const { given, operands } = readOptions(call.args, "qFm:L:");
  const [path = ""] = operands;
  const device = requireDevice(call, mounts, path, "No such file or directory");
  if (isMounted(mounts, device)) throw new CommandError(`${path} is mounted; will not make a filesystem here!`);
  const label = given.get("L") ?? "";
  if (Buffer.byteLength(label) > 16) call.err("Warning: label too long; will be truncated.\n");
  const lost = folderEntry(call.machine.now().getTime() / 1000, 0o700);
  const files = { "/lost+found": lost };
  mounts.format(device, { type: "ext4", label: label.slice(0, 16), uuid: randomUUID(), files });
  if (!given.has("q")) call.out("Writing superblocks and filesystem accounting information: done\n");
  return 0;
}

function makeXfs(call: Call, mounts: Mounts): number {
  const { given, operands } = readOptions(call.args, "qfL:");
  const [path = ""] = operands;
  const device = requireDevice(call, mounts, path, "No such file or directory");
  if (isMounted(mounts, device)) throw new PlainError(`mkfs.xfs: ${path} contains a mounted filesystem`, 1);
  const [found] = signaturesOf(device);
  if (found !== undefined && !given.has("f"))
    throw new PlainError(
      `mkfs.xfs: ${path} appears to contain an existing filesystem (${found.type}).\nmkfs.xfs: Use the -f option to force overwrite.`,
      1,
    );
  const label = given.get("L") ?? "";
  if (Buffer.byteLength(label) > 12) throw new PlainError("illegal label, maximum length is 12", 1);
  mounts.format(device, { type: "xfs", label, uuid: randomUUID(), files: {} });
  if (!given.has("q")) call.out(`meta-data=${path}\n`);
  return 0;
}

function requireDevice(call: Call, mounts: Mounts, path: string, problem: string): BlockDevice {
  const device = mounts.findDevice(absolute(call, path));
  if (device === undefined) throw new CommandError(`error: ${path}: ${problem}`);
  return device;
}

function isMounted(mounts: Mounts, { drive }: BlockDevice): boolean {
  return mounts.mounted().some((mounted) => mounted.drive === drive);
}

function mount(call: Call, mounts: Mounts): number {
  const { given, operands } = readOptions(call.args, "t:o:", ["types=|t", "options=|o"]);
  if (operands.length === 0) {
    for (const { source, where, type, options } of mounts.mounted())
      call.out(`${source} on ${where} type ${type} (${options})\n`);
    return 0;
  }
  const [source = "", where] = operands;
  if (where === undefined)
    throw new CommandError("the simulator wants what is mounted, and where: it has no /etc/fstab");
  mounts.mount({ source, where: absolute(call, where), type: given.get("t"), options: given.get("o") });
  return 0;
}

function unmount(call: Call, mounts: Mounts): number {
  const { operands } = readOptions(call.args, "l", ["lazy|l"]);
  for (const path of operands)
    if (!mounts.unmount(absolute(call, path))) throw new PlainError(`umount: ${path}: not mounted.`, 32);
  return 0;
}

function mountpoint(call: Call, mounts: Mounts): number {
  const { given, operands } = readOptions(call.args, "q", ["quiet|q"]);
  const [path = ""] = operands;
  const { files } = call.machine;
  const say = (text: string) => {
    if (!given.has("q")) call.out(`${text}\n`);
  };
  if (!files.exists(absolute(call, path))) {
    if (!given.has("q")) call.err(`mountpoint: ${path}: No such file or directory\n`);
    return 1;
  }
  const real = files.resolve(absolute(call, path));
  const isOne = real === "/" || mounts.mounted().some(({ where }) => where === real);
  say(`${path} is ${isOne ? "a" : "not a"} mountpoint`);
  return isOne ? 0 : 32;
}

function findmnt(call: Call, mounts: Mounts): number {
  const { given, operands } = readOptions(call.args, "no:", ["noheadings|n", "output=|o"]);
  const columns = (given.get("o") ?? "TARGET,SOURCE,FSTYPE,OPTIONS").split(",");
  const found = mounts
    .mounted()
    .filter(({ where, source }) => operands.length === 0 || operands.includes(where) || operands.includes(source));
  if (found.length === 0) return 1;
  if (!given.has("n")) call.out(`${columns.join(" ")}\n`);
  for (const { where, source, type, options } of found) {
    const values: Readonly<Record<string, string>> = { TARGET: where, SOURCE: source, FSTYPE: type, OPTIONS: options };
    call.out(`${columns.map((column) => values[column] ?? "").join(" ")}\n`);
  }
  return 0;
}
