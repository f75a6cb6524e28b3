import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";

const checkout = resolve(import.meta.dirname, "..");
const copied = ["Pulumi.yaml", "config", "package.json", "scripts", "src", "tsconfig.json"];
const linked = ["node_modules", "simulator"];

/** How the copy differs from the checkout. */
export interface CopyOptions {
  readonly services: boolean;
  readonly disposable?: boolean;
}

/**
 * Copies the project into a temporary folder, where its inventory may be changed; returns the folder.
 * @param services whether something is set up in guests; otherwise they only get SSH keys
 * @param disposable whether guests without a data volume may be deleted and replaced unasked
 */
export function copyProject({ services, disposable = false }: CopyOptions): string {
  const folder = mkdtempSync(join(tmpdir(), "homelab-"));
  for (const entry of copied) cpSync(join(checkout, entry), join(folder, entry), { recursive: true });
  if (!services) removeServices(join(folder, "config/homelab"));
  if (disposable)
    for (const file of ["containers", "machines"]) makeDisposable(join(folder, `config/homelab/${file}.yaml`));
  for (const file of readdirSync(join(checkout, "toolchain")).filter((name) => name.endsWith(".mjs")))
    cpSync(join(checkout, "toolchain", file), join(folder, "toolchain", file));
  for (const entry of linked) symlinkSync(join(checkout, entry), join(folder, entry));
  return folder;
}

/** Leaves nothing to set up in guests but SSH keys: no software, and no disk to be mounted in a machine. */
function removeServices(inventory: string): void {
  const [services, machines] = [join(inventory, "services.yaml"), join(inventory, "machines.yaml")];
  const { domain } = parse(readFileSync(services, "utf8")) as { domain: string };
  writeFileSync(services, stringify({ domain }));
  writeFileSync(machines, readFileSync(machines, "utf8").replaceAll(/, path: [^,}\s]+/g, ""));
}

/** Marks each guest that has no data volume. */
function makeDisposable(file: string): void {
  const entries = readFileSync(file, "utf8").split(/^(?=[a-z0-9-]+:$)/m);
  const marked = entries.map((entry) =>
    /^ {2}(?:volumes|disks):/m.test(entry) ? entry : entry.replace(/^ {2}node: .*$/m, "$&\n  disposable: true"),
  );
  writeFileSync(file, marked.join(""));
}
