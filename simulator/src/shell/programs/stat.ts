import type { FileStatus } from "../../files/file-system.ts";
import { CommandError, type Call } from "../machine.ts";
import { readOptions } from "../options.ts";
import { groupName, userName } from "./accounts.ts";
import { printMode } from "./modes.ts";
import { absolute, forEach } from "./paths.ts";

const kinds = {
  block: "block special file",
  file: "regular file",
  folder: "directory",
  link: "symbolic link",
} as const;

/** `stat`, with a format of one's own. */
export function stat(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "c:L", ["format=|c", "printf=", "dereference|L"]);
  const format =
    given.get("c") ??
    given.get("printf") ??
    "  File: %n\n  Size: %s\t%F\nAccess: (%04a/%A)  Uid: (%u/%U)   Gid: (%g/%G)";
  const end = given.has("printf") ? "" : "\n";
  return forEach(call, operands, (operand) => {
    const path = absolute(call, operand);
    const status = given.has("L") ? call.machine.files.stat(path) : call.machine.files.lstat(path);
    call.out(print(call, given.has("printf") ? format.replaceAll("\\n", "\n") : format, operand, status) + end);
  });
}

function print(
  { machine }: Call,
  format: string,
  name: string,
  { kind, mode, uid, gid, size, mtime }: FileStatus,
): string {
  const values: Readonly<Record<string, string | number>> = {
    n: name,
    N: `'${name}'`,
    s: size,
    a: mode.toString(8),
    A: printMode(kind, mode),
    F: kind === "file" && size === 0 ? "regular empty file" : kinds[kind],
    u: uid,
    U: userName(machine.files, uid),
    g: gid,
    G: groupName(machine.files, gid),
    Y: mtime,
    h: 1,
    "%": "%",
  };
  return format.replaceAll(/%(0?\d*)(.)/g, (_, width: string, letter: string) => {
    const value = values[letter];
    if (value === undefined) throw new CommandError(`the simulator does not know '%${letter}' of stat`);
    return String(value).padStart(Number(width), width.startsWith("0") ? "0" : " ");
  });
}
