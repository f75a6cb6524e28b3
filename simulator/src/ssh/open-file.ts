import type { FileSystem } from "../files/file-system.ts";

/** A file that a client reads or writes piece by piece: kept until someone looks at it, since each save copies it. */
export class OpenFile {
  readonly path: string;
  readonly #files: FileSystem;
  readonly #append: boolean;
  #data: Buffer | undefined;
  #length = 0;
  #changed = false;

  constructor(files: FileSystem, path: string, append: boolean) {
    this.#files = files;
    this.path = path;
    this.#append = append;
  }

  read(offset: number, length: number): Buffer {
    return this.#load()
      .subarray(0, this.#length)
      .subarray(offset, offset + length);
  }

  write(offset: number, data: Buffer): void {
    this.#load();
    const start = this.#append ? this.#length : offset;
    const buffer = this.#grow(start + data.length);
    data.copy(buffer, start);
    this.#length = Math.max(this.#length, start + data.length);
    this.#changed = true;
  }

  /** Writes what has changed into the file system. */
  save(): void {
    if (!this.#changed || this.#data === undefined) return;
    this.#changed = false;
    this.#files.write(this.path, this.#data.subarray(0, this.#length));
  }

  /** Reads the file anew: someone else has changed it. */
  forget(): void {
    this.save();
    this.#data = undefined;
  }

  #load(): Buffer {
    if (this.#data === undefined) {
      this.#data = this.#files.read(this.path);
      this.#length = this.#data.length;
    }
    return this.#data;
  }

  #grow(needed: number): Buffer {
    const data = this.#load();
    if (needed <= data.length) return data;
    const grown = Buffer.alloc(Math.max(needed, data.length * 2, 64 * 1024));
    data.copy(grown, 0, 0, this.#length);
    return (this.#data = grown);
  }
}
