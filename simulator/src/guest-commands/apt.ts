import { CommandError, PlainError, type Call, type Program } from "../shell/machine.ts";
import { patternSource } from "../shell/pattern.ts";
import { policyOf, type Policy } from "./apt-policy.ts";
import { forgetLists, isDebian, keepList, readSources, refusalOf } from "./apt-sources.ts";
import { compareVersions } from "./debian-version.ts";
import { installPackage } from "./install-package.ts";
import { findPackage } from "./package-catalogue.ts";
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
    const apt = { call, system, flags, yes, out: quiet ? () => undefined : call.out };
    switch (command) {
      case "update":
        return update(apt);
      case "upgrade":
      case "dist-upgrade":
      case "full-upgrade":
        return upgrade(apt);
      case "autoremove":
        apt.out(`${reading}0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`);
        return 0;
      case "autoclean":
      case "clean":
        return 0;
      case "install":
        return install(apt, names);
      case "remove":
      case "purge":
        return remove(apt, names);
      default:
        throw new CommandError(`the simulator does not know '${call.name} ${command}'`, 100);
    }
  };
}

interface Apt {
  readonly call: Call;
  readonly system: SystemSoftware;
  readonly flags: ReadonlySet<string>;
  readonly yes: boolean;
  /** Silent with -qq. */
  readonly out: (text: string) => void;
}

/** A version of a package that is going to be installed. */
interface Change extends Policy {
  readonly version: string;
}

function update({ call, out }: Apt): number {
  const { files } = call.machine;
  const sources = readSources(files);
  out("Hit:1 http://deb.debian.org/debian trixie InRelease\n");
  const problems: string[] = [];
  for (const [index, source] of sources.filter((candidate) => !isDebian(candidate)).entries()) {
    const title = `${source.url} ${source.suite} InRelease`;
    const refusal = refusalOf(files, source);
    if (refusal === undefined) {
      keepList(files, source);
      out(`Get:${index + 2} ${title}\n`);
    } else {
      out(`Err:${index + 2} ${title}\n  ${refusal}\n`);
      problems.push(
        `W: OpenPGP signature verification failed: ${title}: ${refusal}\nE: The repository '${title}' is not signed.\n`,
      );
    }
  }
  forgetLists(files, sources);
  out("Reading package lists... Done\n");
  call.err(problems.join(""));
  return problems.length === 0 ? 0 : 100;
}

async function install(apt: Apt, words: readonly string[]): Promise<number> {
  const { call, system, out } = apt;
  out(reading);
  const wanted = words.map((word) => {
    const [name = "", version] = word.split("=");
    return { version, policy: policyOf(call.machine.files, system, name) };
  });
  let refused = false;
  for (const { version, policy } of wanted) {
    const problem = problemOf(policy, version);
    if (problem !== undefined) call.err(`E: ${problem}\n`);
    refused ||= problem !== undefined;
  }
  if (refused) return 100;
  const changes = wanted.flatMap(({ version, policy }): Change[] => {
    const chosen = (version === undefined ? policy.candidate : findVersion(policy, version)) ?? "";
    if (chosen !== policy.installed) return [{ ...policy, version: chosen }];
    out(`${policy.name} is already the newest version (${chosen}).\n`);
    return [];
  });
  return apply(apt, changes);
}

async function upgrade(apt: Apt): Promise<number> {
  const { call, system, out } = apt;
  out(reading);
  const held = system.held();
  const changes = Object.keys(system.packages())
    .filter((name) => !held.includes(name))
    .map((name) => policyOf(call.machine.files, system, name))
    .filter(({ candidate, installed }) => candidate !== undefined && candidate !== installed)
    .map((policy) => ({ ...policy, version: policy.candidate ?? "" }));
  return apply(apt, changes);
}

function problemOf(policy: Policy, version: string | undefined): string | undefined {
  const { name, versions, candidate } = policy;
  if (versions.length === 0) return `Unable to locate package ${name}`;
  if (version !== undefined && findVersion(policy, version) === undefined)
    return `Version '${version}' for '${name}' was not found`;
  return version === undefined && candidate === undefined
    ? `Package '${name}' has no installation candidate`
    : undefined;
}

function findVersion({ versions }: Policy, wanted: string): string | undefined {
  const pattern = new RegExp(`^${patternSource([{ text: wanted, quoted: false }])}$`);
  return versions.find(({ version }) => pattern.test(version))?.version;
}

async function apply(apt: Apt, changes: readonly Change[]): Promise<number> {
  const { call, system, out, flags } = apt;
  const fresh = changes.filter(({ installed }) => installed === undefined);
  const older = changes.filter(
    ({ version, installed }) => installed !== undefined && compareVersions(version, installed) < 0,
  );
  const newer = changes.filter((change) => !fresh.includes(change) && !older.includes(change));
  const held = changes.filter(({ name }) => system.held().includes(name));
  const list = (title: string, some: readonly Change[]) => {
    if (some.length > 0) out(`The following ${title}:\n  ${some.map(({ name }) => name).join(" ")}\n`);
  };
  list("held packages will be changed", held);
  list("NEW packages will be installed", fresh);
  list("packages will be upgraded", newer);
  list("packages will be DOWNGRADED", older);
  const downgraded = older.length === 0 ? "" : `${older.length} downgraded, `;
  out(`${newer.length} upgraded, ${fresh.length} newly installed, ${downgraded}0 to remove and 0 not upgraded.\n`);
  if (apt.yes && held.length > 0 && !flags.has("--allow-change-held-packages"))
    throw new PlainError("E: Held packages were changed and -y was used without --allow-change-held-packages.", 100);
  if (apt.yes && older.length > 0 && !flags.has("--allow-downgrades"))
    throw new PlainError("E: Packages were downgraded and -y was used without --allow-downgrades.", 100);
  if (changes.length > 0 && !(await confirmed(apt))) return 1;
  for (const { name, version, known } of changes) {
    out(`Setting up ${name} (${version}) ...\n`);
    installPackage(call.machine.files, system, { name, version, known });
  }
  return 0;
}

async function remove(apt: Apt, names: readonly string[]): Promise<number> {
  const { call, system, out } = apt;
  out(reading);
  const there = names.filter((name) => system.packages()[name] !== undefined);
  for (const name of names.filter((other) => !there.includes(other))) {
    if (findPackage(name) === undefined) {
      call.err(`E: Unable to locate package ${name}\n`);
      return 100;
    }
    out(`Package '${name}' is not installed, so not removed\n`);
  }
  if (there.length > 0 && !(await confirmed(apt))) return 1;
  for (const name of there) {
    out(`Removing ${name} (${system.packages()[name] ?? ""}) ...\n`);
    system.setPackage(name, undefined);
    for (const unit of findPackage(name)?.units ?? []) system.setUnit(unit, undefined);
  }
  out(`0 upgraded, 0 newly installed, ${there.length} to remove and 0 not upgraded.\n`);
  return 0;
}

async function confirmed({ call: { input, out }, yes }: Apt): Promise<boolean> {
  if (yes) return true;
  out("Do you want to continue? [Y/n] ");
  const answer = await input.readLine();
  if (answer !== undefined && /^(?:y|yes)?$/i.test(answer.trim())) return true;
  out("Abort.\n");
  return false;
}
