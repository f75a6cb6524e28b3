import { posix } from "node:path";
import type { FileSystem } from "../files/file-system.ts";
import { CommandError } from "../shell/machine.ts";
import type { JournalLine } from "../state/software.ts";
import type { Mounts } from "./guest-mounts.ts";
import { findUnitFile, readUnit, settingOf } from "./unit-file.ts";

/** Whether a unit mounts something. */
export function isMountUnit(name: string): boolean {
  return name.endsWith(".mount");
}

/** Whether there is anything mounted where a unit wants it. */
export function isMounted(files: FileSystem, mounts: Mounts, name: string): boolean {
  const wanted = whereOf(files, name);
  return mounts.mounted().some(({ where }) => where === wanted);
}

/** Mounts what a unit describes; returns why that failed. */
export function startMountUnit(files: FileSystem, mounts: Mounts, name: string): string | undefined {
  const settings = readUnit(files, name);
  const setting = (key: string) => settingOf(settings, "Mount", key);
  const [source, where] = [setting("What"), whereOf(files, name)];
  if (source === undefined) return "What= setting is missing. Refusing.";
  if (where !== undefined && `${escapePath(where)}.mount` !== name)
    return "Where= setting doesn't match unit name. Refusing.";
  try {
    const folder = where ?? "/";
    mounts.mount({ source, where: folder, type: setting("Type"), options: setting("Options"), makesFolder: true });
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

/** What the journal says of a mount. */
export function mountNotes(
  files: FileSystem,
  name: string,
  problem: string | undefined,
): readonly Omit<JournalLine, "time">[] {
  const title = `${name} - ${settingOf(readUnit(files, name), "Unit", "Description") ?? whereOf(files, name) ?? name}`;
  const note = (message: string, identifier = "systemd") => ({ unit: name, identifier, message });
  if (problem === undefined) return [note(`Mounting ${title}...`), note(`Mounted ${title}.`)];
  return [
    note(`Mounting ${title}...`),
    note(problem, "mount"),
    note(`${name}: Mount process exited, code=exited, status=32/n/a`),
    note(`${name}: Failed with result 'exit-code'.`),
    note(`Failed to mount ${title}.`),
  ];
}

function whereOf(files: FileSystem, name: string): string | undefined {
  if (findUnitFile(files, name) === undefined) return undefined;
  const where = settingOf(readUnit(files, name), "Mount", "Where");
  return where === undefined ? undefined : posix.normalize(where).replace(/(?<=.)\/$/, "");
}

/** As `systemd-escape --path` does. */
function escapePath(path: string): string {
  const escaped = path
    .replaceAll(/^\/+|\/+$/g, "")
    .replaceAll(/[^A-Za-z0-9:_./]|^\./g, (character) =>
      Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(""),
    );
  return escaped === "" ? "-" : escaped.replaceAll("/", "-");
}
