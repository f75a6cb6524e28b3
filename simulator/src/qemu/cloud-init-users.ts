import { folderEntry } from "../files/file-layer.ts";
import type { GuestSystem } from "../state/guest.ts";
import { putFile, textOf } from "./guest-system.ts";

/** Makes the users that cloud-init's settings ask for, with their keys. */
export function createUsers(
  system: GuestSystem,
  settings: Record<string, unknown>,
  defaultUser: string,
  now: number,
): void {
  const { user, users, ssh_authorized_keys: keys } = settings;
  const named = typeof user === "string" ? user : isRecord(user) ? nameOf(user, defaultUser) : defaultUser;
  const entries = Array.isArray(users) ? users : users === undefined ? ["default"] : [users];
  for (const entry of entries) {
    if (entry === "default") addUser(system, named, { sudo: "ALL=(ALL) NOPASSWD:ALL" }, textsIn(keys), now);
    else if (typeof entry === "string") addUser(system, entry, {}, [], now);
    else if (isRecord(entry)) {
      const own = [...textsIn(entry["ssh_authorized_keys"]), ...textsIn(entry["ssh-authorized-keys"])];
      addUser(system, nameOf(entry, ""), entry, own, now);
    }
  }
  // As root, `user` is there already, and its keys are let in.
  if (named === "root") writeKeys(system, "root", textsIn(keys), now);
}

function addUser(
  system: GuestSystem,
  name: string,
  options: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  now: number,
): void {
  if (!/^[a-z_][a-z0-9_.-]*$/i.test(name)) return;
  const passwd = textOf(system, "/etc/passwd");
  if (!new RegExp(`^${name}:`, "m").test(passwd)) {
    const uids = [...passwd.matchAll(/^[^:]+:x:(\d{4}):/gm)].map(([, uid]) => Number(uid));
    const uid = typeof options["uid"] === "number" ? options["uid"] : Math.max(999, ...uids) + 1;
    const shell = typeof options["shell"] === "string" ? options["shell"] : "/bin/bash";
    const home = typeof options["homedir"] === "string" ? options["homedir"] : `/home/${name}`;
    putFile(system, "/etc/passwd", `${passwd}${name}:x:${uid}:${uid}::${home}:${shell}\n`, { now });
    putFile(system, "/etc/group", `${textOf(system, "/etc/group")}${name}:x:${uid}:\n`, { now });
    system.files[home] = { ...folderEntry(now, 0o700), uid, gid: uid };
  }
  const sudo = textsIn(options["sudo"]);
  if (sudo.length > 0) {
    const path = "/etc/sudoers.d/90-cloud-init-users";
    const rules = sudo.map((rule) => `${name} ${rule}\n`).join("");
    putFile(system, path, textOf(system, path) + rules, { now, mode: 0o440 });
  }
  writeKeys(system, name, keys, now);
}

function writeKeys(system: GuestSystem, name: string, keys: readonly string[], now: number): void {
  if (keys.length === 0) return;
  const [, uid = "0", home = "/root"] =
    new RegExp(`^${name}:x:(\\d+):\\d+:[^:]*:([^:]*):`, "m").exec(textOf(system, "/etc/passwd")) ?? [];
  const path = `${home}/.ssh/authorized_keys`;
  const before = textOf(system, path);
  const id = Number(uid);
  putFile(system, path, before + keys.map((key) => `${key.trim()}\n`).join(""), { now, mode: 0o600, uid: id, gid: id });
}

function nameOf(entry: Record<string, unknown>, otherwise: string): string {
  return typeof entry["name"] === "string" ? entry["name"] : otherwise;
}

function textsIn(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
