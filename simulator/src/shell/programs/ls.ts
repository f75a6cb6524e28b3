import { posix } from "node:path";
import type { FileStatus } from "../../files/file-system.ts";
import type { Call } from "../machine.ts";
import { readOptions } from "../options.ts";
import { groupName, userName } from "./accounts.ts";
import { printMode } from "./modes.ts";
import { absolute, forEach } from "./paths.ts";

/** `ls` */
export async function ls(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "1aAldhrtRF", [
    "all|a",
    "almost-all|A",
    "directory|d",
    "human-readable|h",
  ]);
  const { files } = call.machine;
  const paths = operands.length === 0 ? ["."] : operands;
  const status = await forEach(call, paths, (operand) => {
    const path = absolute(call, operand);
    const found = files.lstat(path);
    const isFolder = files.stat(path).kind === "folder" && !given.has("d");
    if (!isFolder) {
      show(call, operand, found, given);
      return;
    }
    if (paths.length > 1) call.out(`${operand}:\n`);
    const all = files.list(path).filter((name) => given.has("a") || given.has("A") || !name.startsWith("."));
    if (given.has("l")) call.out(`total ${all.length * 4}\n`);
    const names = [...(given.has("a") ? [".", ".."] : []), ...all];
    const entries = names.map((name) => [name, files.lstat(posix.resolve(path, name))] as const);
    if (given.has("t")) entries.sort(([, a], [, b]) => b.mtime - a.mtime);
    if (given.has("r")) entries.reverse();
    for (const [name, entry] of entries) show(call, name, entry, given);
  });
  // What was named and is not there counts more than what is below.
  return status === 0 ? 0 : 2;
}

function show({ out, machine }: Call, name: string, status: FileStatus, given: ReadonlyMap<string, string>): void {
  if (!given.has("l")) {
    out(`${name}\n`);
    return;
  }
  const { kind, mode, uid, gid, size, mtime, path } = status;
  const date = new Date(mtime * 1000).toISOString().slice(0, 16).replace("T", " ");
  const link = kind === "link" ? ` -> ${machine.files.readlink(path)}` : "";
  out(
    `${printMode(kind, mode)} 1 ${userName(machine.files, uid)} ${groupName(machine.files, gid)} ${size} ${date} ${name}${link}\n`,
  );
}
