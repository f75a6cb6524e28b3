import { FileError } from "../files/file-error.ts";
import type { Section } from "../state/cluster.ts";
import type { Guest } from "../state/guest.ts";

/** The file of a guest below /etc/pve: its configuration, what is pending, and its snapshots. */
export function renderGuestConfig(guest: Guest): string {
  return renderSettings(guest.config) + renderRest(guest);
}

/**
 * Takes a guest's file back.
 * @throws {FileError} where the snapshots or what is pending would change
 */
export function readGuestConfig(guest: Guest, text: string): void {
  const start = text.search(/^\[/m);
  const [settings, rest] = start < 0 ? [text, ""] : [text.slice(0, start), text.slice(start)];
  if (rest.trim() !== renderRest(guest).trim()) {
    throw new FileError("EACCES", "", "the simulator takes back the first section of a guest's file only");
  }
  guest.config = parseSettings(settings);
}

function renderRest({ pending, snapshots }: Guest): string {
  const changes = Object.entries(pending).filter((entry): entry is [string, string] => entry[1] !== null);
  const deleted = Object.keys(pending).filter((name) => pending[name] === null);
  const marked = deleted.length === 0 ? [] : [["delete", deleted.join(",")] as const];
  const section =
    Object.keys(pending).length === 0 ? {} : { "pve:pending": Object.fromEntries([...marked, ...changes]) };
  const saved = Object.entries(snapshots).map(([name, { config, description, snaptime, parent, vmstate }]) => [
    name,
    {
      ...config,
      ...(description === "" ? {} : { description }),
      ...(parent === undefined ? {} : { parent }),
      ...(vmstate === true && config["vmstate"] === undefined ? { vmstate: "1" } : {}),
      snaptime: String(snaptime),
    },
  ]);
  return [...Object.entries(section), ...(saved as [string, Section][])]
    .map(([name, settings]) => `\n[${name}]\n${renderSettings(settings)}`)
    .join("");
}

function renderSettings({ description, lxc = "", ...settings }: Section): string {
  const comment = (description ?? "").replace(/\n$/, "");
  const notes = description === undefined ? [] : comment.split("\n").map((line) => `#${encode(line)}`);
  const lines = Object.entries(settings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${value}`);
  const raw = lxc.split("\n").filter((line) => line !== "");
  return [...notes, ...lines, ...raw].map((line) => `${line}\n`).join("");
}

function parseSettings(text: string): Section {
  const settings: Section = {};
  const notes: string[] = [];
  const raw: string[] = [];
  for (const line of text.split("\n").filter((candidate) => candidate.trim() !== "")) {
    const [, name = "", value = ""] = /^([a-z][\w.-]*)\s*[:=]\s*(.*?)\s*$/i.exec(line) ?? [];
    if (line.startsWith("#")) notes.push(decodeURIComponent(line.slice(1)));
    else if (name === "") throw new FileError("EINVAL", "", `unable to parse config: ${line}`);
    else if (name.startsWith("lxc.")) raw.push(`${name}: ${value}`);
    else settings[name] = value;
  }
  if (notes.length > 0) settings["description"] = notes.map((line) => `${line}\n`).join("");
  if (raw.length > 0) settings["lxc"] = raw.join("\n");
  return settings;
}

/** As PVE::Tools::encode_text: what is no plain ASCII, `%` and `:`. */
function encode(line: string): string {
  return line.replaceAll(/[%:\p{Cc}\u0080-\u{10ffff}]/gu, (character) => encodeURIComponent(character));
}
