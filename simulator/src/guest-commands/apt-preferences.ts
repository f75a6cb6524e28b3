import { posix } from "node:path";
import type { FileSystem } from "../files/file-system.ts";
import { linesOf } from "../shell/programs/paths.ts";
import { CommandError, PlainError } from "../shell/machine.ts";
import { patternSource } from "../shell/pattern.ts";

/** What a file of apt's preferences says of packages. */
interface Preference {
  readonly packages: readonly RegExp[];
  /** Which versions it is about; undefined where it is about something else than versions. */
  readonly version: RegExp | undefined;
  readonly priority: number;
}

const folder = "/etc/apt/preferences.d";

/**
 * The priority of a package's versions by the pins in /etc/apt/preferences and below /etc/apt/preferences.d; 500 where there is none.
 * @throws {CommandError} where a file can't be read
 */
export function readPriorities(files: FileSystem): (name: string, version: string) => number {
  const preferences = preferenceFiles(files).flatMap((path) => parsePreferences(files.read(path).toString("utf8")));
  return (name, version) =>
    preferences.find(
      (preference) =>
        preference.packages.some((pattern) => pattern.test(name)) && preference.version?.test(version) === true,
    )?.priority ?? 500;
}

function preferenceFiles(files: FileSystem): string[] {
  const names = files.exists(folder) ? files.list(folder) : [];
  // apt takes files without a suffix and those with .pref, and no others.
  const taken = names.filter((name) => /^[\w-]+(?:\.pref)?$/.test(name)).map((name) => posix.join(folder, name));
  return ["/etc/apt/preferences", ...taken].filter((path) => files.exists(path));
}

function parsePreferences(text: string): Preference[] {
  return text
    .split(/\n\s*\n/)
    .map((stanza) => readFields(stanza))
    .filter((fields) => fields.size > 0)
    .map((fields) => {
      const names = fields.get("package");
      if (names === undefined)
        throw new PlainError("E: Invalid record in the preferences file, no Package header", 100);
      const priority = Number(fields.get("pin-priority") ?? 0);
      if (!Number.isInteger(priority) || priority === 0)
        throw new PlainError("E: No priority (or zero) specified for pin", 100);
      const [, version] = /^version\s+(\S+)$/.exec(fields.get("pin") ?? "") ?? [];
      return {
        packages: names.split(/\s+/).map(asPattern),
        version: version === undefined ? undefined : asPattern(version),
        priority,
      };
    });
}

/** The fields of one stanza as deb822 has it, by their names in small letters; continued lines are joined. */
export function readFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = "";
  for (const line of linesOf(stanza)) {
    if (line.startsWith("#") || line.trim() === "") continue;
    const [, name, value = ""] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      last = name.toLowerCase();
      fields.set(last, value.trim());
    } else if (/^\s/.test(line)) fields.set(last, `${fields.get(last) ?? ""}\n${line.trim()}`);
    else throw new CommandError(`Malformed line '${line}'`, 100);
  }
  return fields;
}

/** A pattern of a shell, or a regular expression between slashes. */
function asPattern(text: string): RegExp {
  const [, expression] = /^\/(.*)\/$/.exec(text) ?? [];
  return new RegExp(expression ?? `^${patternSource([{ text, quoted: false }])}$`);
}
