import { CommandError, type Call, type Program } from "../machine.ts";
import { readOptions } from "../options.ts";
import { readAccounts, readGroups, writeAccounts, writeGroups, type Account } from "./accounts.ts";
import { makeFolders } from "./make-folders.ts";

/** Programs for the accounts of a system. */
export const userPrograms: Readonly<Record<string, Program>> = {
  getent: ({ args, machine, out }) => {
    const [database = "", key] = args;
    if (database !== "passwd" && database !== "group") throw new CommandError(`Unknown database: ${database}`);
    const entries =
      database === "passwd"
        ? readAccounts(machine.files).map((account) => ({
            name: account.name,
            line: `${account.name}:x:${account.uid}:${account.gid}:${account.comment}:${account.home}:${account.shell}`,
          }))
        : readGroups(machine.files).map(({ name, gid, members }) => ({
            name,
            line: `${name}:x:${gid}:${members.join(",")}`,
          }));
    const found = entries.filter(({ name }) => key === undefined || name === key);
    for (const { line } of found) out(`${line}\n`);
    return found.length === 0 ? 2 : 0;
  },
  groupadd: ({ args, machine: { files } }) => {
    const { given, operands } = readOptions(args, "g:rf", ["gid=|g", "system|r", "force|f"]);
    const [name = ""] = operands;
    const groups = readGroups(files);
    if (groups.some((known) => known.name === name)) {
      if (given.has("f")) return 0;
      throw new CommandError(`group '${name}' already exists`, 9);
    }
    const gid = Number(
      given.get("g") ??
        nextId(
          groups.map((known) => known.gid),
          given.has("r"),
        ),
    );
    writeGroups(files, [...groups, { name, gid, members: [] }]);
    return 0;
  },
  id,
  useradd,
  userdel: ({ args, machine: { files } }) => {
    const { operands } = readOptions(args, "rf", ["remove|r"]);
    const [name = ""] = operands;
    const accounts = readAccounts(files);
    if (!accounts.some((account) => account.name === name)) throw new CommandError(`user '${name}' does not exist`, 6);
    writeAccounts(
      files,
      accounts.filter((account) => account.name !== name),
    );
    return 0;
  },
  usermod: ({ args, machine: { files } }) => {
    const { given, operands } = readOptions(args, "aG:s:d:", ["append|a", "groups=|G", "shell=|s", "home=|d"]);
    const [name = ""] = operands;
    const accounts = readAccounts(files);
    if (!accounts.some((account) => account.name === name)) throw new CommandError(`user '${name}' does not exist`, 6);
    const [shell, home] = [given.get("s"), given.get("d")];
    const change = { ...(shell === undefined ? {} : { shell }), ...(home === undefined ? {} : { home }) };
    writeAccounts(
      files,
      accounts.map((account) => (account.name === name ? { ...account, ...change } : account)),
    );
    if (given.has("G")) joinGroups({ files, name, wanted: given.get("G") ?? "", only: !given.has("a") });
    return 0;
  },
};

function useradd({ args, machine: { files } }: Call): number {
  const { given, operands } = readOptions(args, "rmMNUu:g:G:d:s:c:", [
    ...["system|r", "create-home|m", "no-create-home|M", "no-user-group|N", "user-group|U", "uid=|u", "gid=|g"],
    ...["groups=|G", "home-dir=|d", "home=|d", "shell=|s", "comment=|c"],
  ]);
  const [name = ""] = operands;
  const [accounts, groups] = [readAccounts(files), readGroups(files)];
  if (accounts.some((account) => account.name === name)) throw new CommandError(`user '${name}' already exists`, 9);
  const uid = Number(
    given.get("u") ??
      nextId(
        accounts.map((account) => account.uid),
        given.has("r"),
      ),
  );
  const wanted = given.get("g");
  const known = groups.find((group) => group.name === wanted || String(group.gid) === wanted);
  if (wanted !== undefined && known === undefined) throw new CommandError(`group '${wanted}' does not exist`, 6);
  const gid = known?.gid ?? uid;
  if (known === undefined) writeGroups(files, [...groups, { name, gid, members: [] }]);
  const home = given.get("d") ?? `/home/${name}`;
  const account: Account = { name, uid, gid, comment: given.get("c") ?? "", home, shell: given.get("s") ?? "/bin/sh" };
  writeAccounts(files, [...accounts, account]);
  if (given.has("G")) joinGroups({ files, name, wanted: given.get("G") ?? "", only: true });
  if (given.has("m") && !files.exists(home)) {
    makeFolders(files, home);
    files.change(home, { uid, gid });
  }
  return 0;
}

interface Joining {
  readonly files: Call["machine"]["files"];
  readonly name: string;
  readonly wanted: string;
  /** Leaves all other groups. */
  readonly only: boolean;
}

function joinGroups({ files, name, wanted, only }: Joining): void {
  const names = wanted.split(",");
  const groups = readGroups(files);
  const missing = names.find((group) => !groups.some((known) => known.name === group));
  if (missing !== undefined) throw new CommandError(`group '${missing}' does not exist`, 6);
  writeGroups(
    files,
    groups.map((group) => {
      const others = group.members.filter((member) => member !== name);
      const stays = names.includes(group.name) || (!only && group.members.includes(name));
      return { ...group, members: stays ? [...others, name] : others };
    }),
  );
}

function id({ args, machine: { files }, out }: Call): number {
  const { given, operands } = readOptions(args, "ugGn", ["user|u", "group|g", "groups|G", "name|n"]);
  const [name = "root"] = operands;
  const account = readAccounts(files).find((known) => known.name === name || String(known.uid) === name);
  if (account === undefined) throw new CommandError(`'${name}': no such user`);
  const groups = readGroups(files).filter(({ gid, members }) => gid === account.gid || members.includes(account.name));
  const own = groups.find(({ gid }) => gid === account.gid)?.name ?? String(account.gid);
  if (given.has("u")) out(`${given.has("n") ? account.name : account.uid}\n`);
  else if (given.has("g")) out(`${given.has("n") ? own : account.gid}\n`);
  else if (given.has("G")) out(`${groups.map((group) => (given.has("n") ? group.name : group.gid)).join(" ")}\n`);
  else {
    const all = groups.map((group) => `${group.gid}(${group.name})`).join(",");
    out(`uid=${account.uid}(${account.name}) gid=${account.gid}(${own}) groups=${all}\n`);
  }
  return 0;
}

/** People's IDs count up from 1000, those of services down from 999. */
function nextId(taken: readonly number[], system: boolean): number {
  let next = system ? 999 : 1000;
  while (taken.includes(next)) next += system ? -1 : 1;
  return next;
}
