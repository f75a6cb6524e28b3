import { posix } from "node:path";
import type { FileSystem } from "../files/file-system.ts";

/** What a unit's files say: of each section the values of each setting, in their order. */
export type UnitSettings = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

const folders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/** A unit's name with its suffix. */
export function fullName(name: string): string {
  return /\.(?:service|timer|socket|mount|target|path|slice)$/.test(name) ? name : `${name}.service`;
}

/** As the state keeps it. */
export function shortName(name: string): string {
  return name.replace(/\.service$/, "");
}

/** The file of a unit; an instance, `wg-quick@wg0`, has that of its template. */
export function findUnitFile(files: FileSystem, name: string): string | undefined {
  const full = fullName(name);
  const names = [full, full.replace(/@[^]*(?=\.\w+$)/, "@")];
  return names.flatMap((file) => folders.map((folder) => posix.join(folder, file))).find((path) => files.exists(path));
}

/** The settings of a unit with those of its drop-ins; an empty value clears what came before. */
export function readUnit(files: FileSystem, name: string): UnitSettings {
  const settings = new Map<string, Map<string, string[]>>();
  const main = findUnitFile(files, name);
  for (const path of [...(main === undefined ? [] : [main]), ...dropIns(files, name)]) {
    let section = new Map<string, string[]>();
    const text = files.read(path).toString("utf8").replaceAll(/\\\n/g, " ");
    for (const line of text.split("\n")) {
      const [, heading] = /^\s*\[(\w[\w-]*)\]\s*$/.exec(line) ?? [];
      if (heading !== undefined) {
        section = settings.get(heading) ?? new Map<string, string[]>();
        settings.set(heading, section);
      }
      const [, key, value = ""] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (key !== undefined) section.set(key, value === "" ? [] : [...(section.get(key) ?? []), value]);
    }
  }
  return settings;
}

/** The last value of a setting. */
export function settingOf(settings: UnitSettings, section: string, key: string): string | undefined {
  return settings.get(section)?.get(key)?.at(-1);
}

function dropIns(files: FileSystem, name: string): string[] {
  return [...folders]
    .reverse()
    .map((folder) => posix.join(folder, `${fullName(name)}.d`))
    .filter((folder) => files.exists(folder))
    .flatMap((folder) => files.list(folder).map((file) => posix.join(folder, file)))
    .filter((path) => path.endsWith(".conf"));
}
