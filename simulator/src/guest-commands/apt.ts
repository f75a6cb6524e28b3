import { posix } from "node:path";
import type { FileSystem } from "../files/file-system.ts";
import { CommandError, type Call, type Program } from "../shell/machine.ts";
import { readAccounts, readGroups, writeAccounts, writeGroups } from "../shell/programs/accounts.ts";
import { findPackage, type Package } from "./package-catalogue.ts";
import type { SystemSoftware } from "./system.ts";

const reading = "Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done\n";
const takesValue = ["-o", "-t", "-c", "--target-release", "--option"];

/** `apt-get` and `apt` of a system that has Debian's packages. */
export function aptProgram(system: SystemSoftware): Program {
  return (call) => {
    const words: string[] = [];
    const flags = new Set<string>();
    for (let index = 0; index < call.args.length; index++) {
      const arg = call.args[index] ?? "";
      if (takesValue.includes(arg)) index++;
      else if (arg.startsWith("-")) flags.add(arg);
      else words.push(arg);
    }
    const [command = "", ...names] = words;
    const quiet = [...flags].some((flag) => /^-q(?:q|\d|y)?|^-[a-z]*qq?[a-z]*$|^--quiet/.test(flag));
    const yes = [...flags].some((flag) => /^-[a-z]*y[a-z]*$|^--(?:yes|assume-yes)$/.test(flag));
    const apt = { call, system, out: quiet ? () => undefined : call.out };
    switch (command) {
      case "update":
        apt.out("Hit:1 http://deb.debian.org/debian trixie InRelease\nReading package lists... Done\n");
        return 0;
      case "upgrade":
      case "dist-upgrade":
      case "full-upgrade":
      case "autoremove":
      case "autoclean":
      case "clean":
        if (!command.includes("clean"))
          apt.out(`${reading}0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`);
        return 0;
      case "install":
        return install(apt, names, yes);
      case "remove":
      case "purge":
        return remove(apt, names, yes);
      default:
        throw new CommandError(`the simulator does not know '${call.name} ${command}'`, 100);
    }
  };
}

interface Apt {
  readonly call: Call;
  readonly system: SystemSoftware;
  /** Silent with -qq. */
  readonly out: (text: string) => void;
}

async function install({ call, system, out }: Apt, names: readonly string[], yes: boolean): Promise<number> {
  const wanted = names.map((word) => {
    const [name = "", version] = word.split("=");
    return { name, version, known: available(call.machine.files, name) };
  });
  out(reading);
  const unknown = wanted.filter(({ name, known }) => known === undefined && system.packages()[name] === undefined);
  for (const { name } of unknown) call.err(`E: Unable to locate package ${name}\n`);
  if (unknown.length > 0) return 100;
  const fresh = wanted.filter(({ name, version }) => {
    const installed = system.packages()[name];
    if (installed !== undefined && (version === undefined || version === installed)) {
      out(`${name} is already the newest version (${installed}).\n`);
      return false;
    }
    return true;
  });
  if (fresh.length > 0) {
    out(`The following NEW packages will be installed:\n  ${fresh.map(({ name }) => name).join(" ")}\n`);
    if (!(await confirmed(call, yes))) return 1;
  }
  for (const { name, version, known } of fresh) {
    const chosen = version ?? known?.version ?? "";
    system.setPackage(name, chosen);
    out(`Setting up ${name} (${chosen}) ...\n`);
    if (known !== undefined) configure(call.machine.files, system, known);
  }
  out(`0 upgraded, ${fresh.length} newly installed, 0 to remove and 0 not upgraded.\n`);
  return 0;
}

async function remove({ call, system, out }: Apt, names: readonly string[], yes: boolean): Promise<number> {
  out(reading);
  const there = names.filter((name) => system.packages()[name] !== undefined);
  for (const name of names.filter((other) => !there.includes(other))) {
    if (findPackage(name) === undefined) {
      call.err(`E: Unable to locate package ${name}\n`);
      return 100;
    }
    out(`Package '${name}' is not installed, so not removed\n`);
  }
  if (there.length > 0 && !(await confirmed(call, yes))) return 1;
  for (const name of there) {
    out(`Removing ${name} (${system.packages()[name] ?? ""}) ...\n`);
    system.setPackage(name, undefined);
    for (const unit of findPackage(name)?.units ?? []) system.setUnit(unit, undefined);
  }
  out(`0 upgraded, 0 newly installed, ${there.length} to remove and 0 not upgraded.\n`);
  return 0;
}

async function confirmed({ input, out }: Call, yes: boolean): Promise<boolean> {
  if (yes) return true;
  out("Do you want to continue? [Y/n] ");
  const answer = await input.readLine();
  if (answer !== undefined && /^(?:y|yes)?$/i.test(answer.trim())) return true;
  out("Abort.\n");
  return false;
}

/** A package that the sources have. */
function available(files: FileSystem, name: string): Package | undefined {
  const known = findPackage(name);
  const source = known?.source;
  if (source === undefined) return known;
  const folder = "/etc/apt/sources.list.d";
  const lists = files.exists(folder) ? files.list(folder).map((file) => posix.join(folder, file)) : [];
  const all = [...lists, "/etc/apt/sources.list"].filter((path) => files.exists(path));
  return all.some((path) => files.read(path).includes(source)) ? known : undefined;
}

function configure(files: FileSystem, system: SystemSoftware, { units = [], user }: Package): void {
  for (const unit of units) system.setUnit(unit, { enabled: true, active: true });
  const accounts = readAccounts(files);
  if (user === undefined || accounts.some(({ name }) => name === user)) return;
  const taken = new Set(accounts.map(({ uid }) => uid));
  let uid = 999;
  while (taken.has(uid)) uid--;
  writeAccounts(files, [
    ...accounts,
    { name: user, uid, gid: uid, comment: "", home: "/nonexistent", shell: "/usr/sbin/nologin" },
  ]);
  writeGroups(files, [...readGroups(files), { name: user, gid: uid, members: [] }]);
}
