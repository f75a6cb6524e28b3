import type { FileSystem } from "../../files/file-system.ts";
import { CommandError } from "../machine.ts";

/** One line of /etc/passwd. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

/** One line of /etc/group. */
export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

const passwd = "/etc/passwd";
const group = "/etc/group";

/** What a Debian without a file of its own has. */
const usual = {
  [passwd]: [
    "root:x:0:0:root:/root:/bin/bash",
    "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin",
    "backup:x:34:34:backup:/var/backups:/usr/sbin/nologin",
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
  ],
  [group]: ["root:x:0:", "sudo:x:27:", "www-data:x:33:", "backup:x:34:", "nogroup:x:65534:"],
};

/** All accounts of a system. */
export function readAccounts(files: FileSystem): Account[] {
  return linesOf(files, passwd).map((line) => {
    const [name = "", , uid = "0", gid = "0", comment = "", home = "/", shell = ""] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid), comment, home, shell };
  });
}

/** All groups of a system. */
export function readGroups(files: FileSystem): Group[] {
  return linesOf(files, group).map((line) => {
    const [name = "", , gid = "0", members = ""] = line.split(":");
    return { name, gid: Number(gid), members: members.split(",").filter((member) => member !== "") };
  });
}

/** Writes all accounts of a system. */
export function writeAccounts(files: FileSystem, accounts: readonly Account[]): void {
  const lines = accounts.map(
    ({ name, uid, gid, comment, home, shell }) => `${name}:x:${uid}:${gid}:${comment}:${home}:${shell}\n`,
  );
  files.write(passwd, lines.join(""));
}

/** Writes all groups of a system. */
export function writeGroups(files: FileSystem, groups: readonly Group[]): void {
  files.write(group, groups.map(({ name, gid, members }) => `${name}:x:${gid}:${members.join(",")}\n`).join(""));
}

/** `user:group`, each as a name or number; `user:` is the user's login group. */
export function parseOwner(files: FileSystem, text: string): { uid?: number; gid?: number } {
  const [user = "", groupName] = text.split(/[:.]/);
  const account = readAccounts(files).find(({ name }) => name === user);
  if (groupName === "" && user !== "") {
    if (account === undefined) throw new CommandError(`invalid spec: '${text}'`);
    return { uid: account.uid, gid: account.gid };
  }
  const asked = user === "" ? (groupName ?? "") : text;
  return {
    ...(user === "" ? {} : { uid: idOf(user, account?.uid, "user") }),
    ...(groupName === undefined || groupName === ""
      ? {}
      : { gid: idOf(groupName, readGroups(files).find(({ name }) => name === groupName)?.gid, "group", asked) }),
  };
}

/** The name of a user, or the number where it has none. */
export function userName(files: FileSystem, uid: number): string {
  return readAccounts(files).find((account) => account.uid === uid)?.name ?? String(uid);
}

/** The name of a group, or the number where it has none. */
export function groupName(files: FileSystem, gid: number): string {
  return readGroups(files).find((known) => known.gid === gid)?.name ?? String(gid);
}

function idOf(name: string, known: number | undefined, kind: string, asked = name): number {
  const id = known ?? (/^\d+$/.test(name) ? Number(name) : undefined);
  if (id === undefined) throw new CommandError(`invalid ${kind}: '${asked}'`);
  return id;
}

function linesOf(files: FileSystem, path: keyof typeof usual): string[] {
  if (!files.exists(path)) return [...usual[path]];
  return files
    .read(path)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}
