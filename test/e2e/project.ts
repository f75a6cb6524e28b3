import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyProject, type CopyOptions } from "../../scripts/copy-project.ts";

/** A copy of the project in a temporary folder, whose inventory a test may change. */
export class ProjectCopy {
  readonly folder: string;

  constructor(options: Partial<CopyOptions> = {}) {
    this.folder = copyProject({ services: true, ...options });
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
