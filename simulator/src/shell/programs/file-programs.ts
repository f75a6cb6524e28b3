import { posix } from "node:path";
import { FileError } from "../../files/file-error.ts";
import type { FileSystem } from "../../files/file-system.ts";
import { CommandError, type Call, type Program } from "../machine.ts";
import { readOptions } from "../options.ts";
import { cmp } from "./cmp.ts";
import { find } from "./find.ts";
import { ls } from "./ls.ts";
import { parseOwner } from "./accounts.ts";
import { makeFolders } from "./make-folders.ts";
import { applyMode } from "./modes.ts";
import { absolute, forEach, readData, requireOperands } from "./paths.ts";
import { stat } from "./stat.ts";
import { tar } from "./tar.ts";

/** Programs that make, change and remove files. */
export const filePrograms: Readonly<Record<string, Program>> = {
  basename: ({ args, out }) => {
    requireOperands(args);
    out(`${posix.basename(args[0] ?? "", args[1])}\n`);
    return 0;
  },
  chgrp: (call) => changeOwner(call, (text) => parseOwner(call.machine.files, `:${text}`)),
  chmod: (call) => {
    const args = call.args.map((arg) => (/^-[rwxXst]+$/.test(arg) ? arg.replace("-", "a-") : arg));
    const { given, operands } = readOptions(args, "Rfv", ["recursive|R"]);
    const [mode = "", ...paths] = operands;
    requireOperands(paths);
    return forEach(call, paths, (operand) => {
      for (const path of reach(call, operand, given.has("R"))) {
        const { files } = call.machine;
        const status = files.stat(path);
        files.change(path, { mode: applyMode(mode, status.mode, status.kind === "folder") });
      }
    });
  },
  chown: (call) => changeOwner(call, (text) => parseOwner(call.machine.files, text)),
  cmp,
  cp,
  dirname: ({ args, out }) => {
    requireOperands(args);
    for (const path of args) out(`${posix.dirname(path)}\n`);
    return 0;
  },
  find,
  install,
  ln: (call) => {
    const { given, operands } = readOptions(call.args, "sfnTr", ["symbolic|s", "force|f", "no-dereference|n"]);
    if (!given.has("s")) throw new CommandError("the simulator only makes symbolic links: use -s");
    const [target = "", link = posix.basename(target)] = operands;
    requireOperands(operands);
    const { files } = call.machine;
    const asked = absolute(call, link);
    const intoFolder = isFolder(files, asked) && !(given.has("n") && files.lstat(asked).kind === "link");
    const path = intoFolder && !given.has("T") ? posix.join(asked, posix.basename(target)) : asked;
    if (given.has("f") && isThere(files, path)) files.unlink(path);
    files.symlink(target, path);
    return 0;
  },
  ls,
  mkdir: (call) => {
    const { given, operands } = readOptions(call.args, "pm:v", ["parents|p", "mode=|m"]);
    requireOperands(operands);
    const usual = 0o777 & ~call.umask;
    const mode = applyMode(given.get("m") ?? usual.toString(8), usual, true);
    return forEach(call, operands, (operand) => {
      const path = absolute(call, operand);
      if (given.has("p")) makeFolders(call.machine.files, path, mode);
      else call.machine.files.mkdir(path, mode);
    });
  },
  mktemp: (call) => {
    const { given, operands } = readOptions(call.args, "dp:tqu", ["directory|d", "tmpdir=|p", "suffix=", "dry-run|u"]);
    const [template = "tmp.XXXXXXXXXX"] = operands;
    const folder = given.get("p") ?? (operands.length === 0 || given.has("t") ? "/tmp" : call.folder);
    const { files } = call.machine;
    const name = template.replace(/X{3,}/, (run) => freeName(files, folder, run.length)) + (given.get("suffix") ?? "");
    const path = posix.resolve(folder, name);
    if (given.has("d")) files.mkdir(path, 0o700);
    else if (!given.has("u")) files.write(path, "", 0o600);
    const relative = operands.length > 0 && !given.has("p") && !given.has("t") && !name.startsWith("/");
    call.out(`${relative ? name : path}\n`);
    return 0;
  },
  mv: (call) => {
    const { given, operands } = readOptions(call.args, "fnTv", ["force|f", "no-clobber|n"]);
    requireOperands(operands, 2);
    return forEach(call, operands.slice(0, -1), (operand) => {
      const target = targetOf(call, operand, operands, given.has("T"));
      const { files } = call.machine;
      if (!(given.has("n") && isThere(files, target))) files.rename(absolute(call, operand), target);
    });
  },
  readlink: (call) => {
    const { given, operands } = readOptions(call.args, "fen", ["canonicalize|f"]);
    return forEach(call, operands, (operand) => {
      const path = absolute(call, operand);
      const { files } = call.machine;
      call.out(`${given.has("f") || given.has("e") ? files.resolve(path) : files.readlink(path)}\n`);
    });
  },
  realpath: (call) =>
    forEach(call, readOptions(call.args, "em").operands, (operand) => {
      call.out(`${call.machine.files.resolve(absolute(call, operand))}\n`);
    }),
  rm: (call) => {
    const { given, operands } = readOptions(call.args, "rRfvd", ["recursive|r", "force|f"]);
    const recursive = given.has("r") || given.has("R");
    return forEach(call, operands, (operand) => {
      const path = absolute(call, operand);
      const { files } = call.machine;
      if (!isThere(files, path)) {
        if (!given.has("f")) throw new FileError("ENOENT", operand);
      } else if (files.lstat(path).kind !== "folder") files.unlink(path);
      else if (recursive) removeTree(files, path);
      else throw new FileError("EISDIR", operand);
    });
  },
  rmdir: (call) =>
    forEach(call, readOptions(call.args, "").operands, (operand) => {
      call.machine.files.rmdir(absolute(call, operand));
    }),
  stat,
  sync: () => 0,
  tar,
  touch: (call) => {
    const { given, operands } = readOptions(call.args, "cam", ["no-create|c"]);
    requireOperands(operands);
    return forEach(call, operands, (operand) => {
      const { files, now } = call.machine;
      const path = absolute(call, operand);
      if (files.exists(path)) files.change(path, { mtime: Math.floor(now().getTime() / 1000) });
      else if (!given.has("c")) files.write(path, "", 0o666 & ~call.umask);
    });
  },
};

function cp(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "aprRfnTvPd", [
    "archive|a",
    "recursive|r",
    "preserve|p",
    "force|f",
  ]);
  requireOperands(operands, 2);
  const recursive = given.has("r") || given.has("R") || given.has("a");
  return forEach(call, operands.slice(0, -1), (operand) => {
    const target = targetOf(call, operand, operands, given.has("T"));
    const { files } = call.machine;
    const source = absolute(call, operand);
    if (isFolder(files, source) && !recursive)
      throw new CommandError(`-r not specified; omitting directory '${operand}'`);
    if (!(given.has("n") && isThere(files, target)))
      copyTree(files, { source, target, preserve: given.has("a") || given.has("p"), umask: call.umask });
  });
}

async function install(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "dDm:o:g:vCT", ["directory|d", "mode=|m", "owner=|o", "group=|g"]);
  const { files } = call.machine;
  const mode = applyMode(given.get("m") ?? "755", 0o755, false);
  const finish = (path: string) => {
    files.change(path, { mode, ...parseOwner(files, `${given.get("o") ?? "0"}:${given.get("g") ?? "0"}`) });
  };
  requireOperands(operands, given.has("d") ? 1 : 2);
  if (given.has("d")) {
    return forEach(call, operands, (operand) => {
      makeFolders(files, absolute(call, operand), mode);
      finish(absolute(call, operand));
    });
  }
  return forEach(call, operands.slice(0, -1), async (operand) => {
    const target = targetOf(call, operand, operands, given.has("T"));
    if (given.has("D")) makeFolders(files, posix.dirname(target));
    files.write(target, await readData(call, operand), mode);
    finish(target);
  });
}

function changeOwner(call: Call, parse: (text: string) => { uid?: number; gid?: number }): Promise<number> {
  const { given, operands } = readOptions(call.args, "Rhfv", ["recursive|R"]);
  const [owner = "", ...paths] = operands;
  requireOperands(paths);
  return forEach(call, paths, (operand) => {
    for (const path of reach(call, operand, given.has("R"))) call.machine.files.change(path, parse(owner));
  });
}

/** A path, and with -R all that is below. */
function reach(call: Call, operand: string, recursive: boolean): string[] {
  const { files } = call.machine;
  const below = (path: string): string[] =>
    isFolder(files, path) ? [path, ...files.list(path).flatMap((name) => below(posix.join(path, name)))] : [path];
  return recursive ? below(absolute(call, operand)) : [absolute(call, operand)];
}

/** Where cp, mv and install put an operand: into a folder, or at the last operand itself. */
function targetOf(call: Call, operand: string, operands: readonly string[], asFile: boolean): string {
  const last = operands.at(-1) ?? "";
  const target = absolute(call, last);
  if (!asFile && isFolder(call.machine.files, target)) return posix.join(target, posix.basename(operand));
  if (operands.length > 2 || last.endsWith("/")) throw new CommandError(`target '${last}' is not a directory`);
  return target;
}

interface Copying {
  readonly source: string;
  readonly target: string;
  /** Mode, owner and time, too. */
  readonly preserve: boolean;
  readonly umask: number;
}

function copyTree(files: FileSystem, { source, target, preserve, umask }: Copying): void {
  const { kind, mode, uid, gid, mtime } = files.stat(source);
  if (kind === "folder") {
    if (!files.exists(target)) files.mkdir(target, mode & ~umask);
    for (const name of files.list(source)) {
      copyTree(files, { source: posix.join(source, name), target: posix.join(target, name), preserve, umask });
    }
  } else files.write(target, files.read(source), mode & ~umask);
  if (preserve) files.change(target, { mode, uid, gid, mtime });
}

function removeTree(files: FileSystem, path: string): void {
  if (files.lstat(path).kind !== "folder") {
    files.unlink(path);
    return;
  }
  for (const name of files.list(path)) removeTree(files, posix.join(path, name));
  files.rmdir(path);
}

function isThere(files: FileSystem, path: string): boolean {
  try {
    files.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof FileError) return false;
    throw error;
  }
}

function isFolder(files: FileSystem, path: string): boolean {
  return files.exists(path) && files.stat(path).kind === "folder";
}

function freeName(files: FileSystem, folder: string, length: number): string {
  for (let index = 0; ; index++) {
    const name = index.toString(36).padStart(length, "a");
    if (!files.list(folder).some((taken) => taken.includes(name))) return name;
  }
}
