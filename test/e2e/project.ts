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
    const text = this.read(file);
    if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}.`);
    this.write(file, text.replace(from, to));
  }

  /** Tries something with an inventory that is put back afterwards. */
  async with<T>(file: string, from: string, to: string, tried: () => Promise<T>): Promise<T> {
    const before = this.read(file);
    this.edit(file, from, to);
    try {
      return await tried();
    } finally {
      this.write(file, before);
    }
  }

  read(file: string): string {
    return readFileSync(this.#path(file), "utf8");
  }

  write(file: string, text: string): void {
    writeFileSync(this.#path(file), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #path(file: string): string {
    return join(this.folder, "config/homelab", file);
  }
}
