import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const checkout = resolve(import.meta.dirname, "../..");
const copied = ["Pulumi.yaml", "config", "package.json", "scripts", "src", "tsconfig.json"];

/** A copy of the project in a temporary folder, whose inventory a test may change. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(tmpdir(), "homelab-"));

  constructor() {
    for (const entry of copied) cpSync(join(checkout, entry), join(this.folder, entry), { recursive: true });
    symlinkSync(join(checkout, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Replaces a text in a file of the inventory; it has to be there. */
  edit(file: string, from: string, to: string): void {
    const path = join(this.folder, "config/homelab", file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}.`);
    writeFileSync(path, text.replace(from, to));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
