import type { FileSystem } from "../files/file-system.ts";
import { readPriorities } from "./apt-preferences.ts";
import { listedSources } from "./apt-sources.ts";
import { compareVersions } from "./debian-version.ts";
import { findPackage, type Package } from "./package-catalogue.ts";
import type { SystemSoftware } from "./system.ts";

/** What apt thinks of a package. */
export interface Policy {
  readonly name: string;
  readonly known: Package | undefined;
  readonly installed: string | undefined;
  /** The version that it would install; undefined where it must not have any. */
  readonly candidate: string | undefined;
  /** All that can be had, the newest first, with the priorities of the pins. */
  readonly versions: readonly { readonly version: string; readonly priority: number }[];
}

/** Decides what apt installs of a package: by the sources that are listed, the pins, and what is installed. */
export function policyOf(files: FileSystem, system: SystemSoftware, name: string): Policy {
  const priorityOf = readPriorities(files);
  const known = availablePackage(files, name);
  const installed = system.packages()[name];
  const offered = known === undefined ? [] : [known.version, ...(known.otherVersions ?? [])];
  const all = [...new Set([...offered, ...(installed === undefined ? [] : [installed])])];
  const versions = all
    .map((version) => ({ version, priority: offered.includes(version) ? priorityOf(name, version) : 100 }))
    .sort((a, b) => compareVersions(b.version, a.version));
  const allowed = versions.filter(
    ({ version, priority }) =>
      priority > 0 && (installed === undefined || priority >= 1000 || compareVersions(version, installed) >= 0),
  );
  const best = Math.max(...allowed.map(({ priority }) => priority));
  return {
    name,
    known,
    installed,
    candidate: allowed.find(({ priority }) => priority === best)?.version,
    versions,
  };
}

/** A package that the sources have. */
function availablePackage(files: FileSystem, name: string): Package | undefined {
  const known = findPackage(name);
  const source = known?.source;
  if (source === undefined) return known;
  return listedSources(files).some(({ url }) => url.includes(source)) ? known : undefined;
}
