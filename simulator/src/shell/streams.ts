import type { FileSystem } from "../files/file-system.ts";
import type { Input, Output } from "./machine.ts";

/** Reads what is known already. */
export class BufferInput implements Input {
  #rest: Buffer;

  constructor(data: string | Buffer = "") {
    this.#rest = Buffer.from(data);
  }

  read(): Promise<Buffer> {
    const all = this.#rest;
    this.#rest = Buffer.alloc(0);
    return Promise.resolve(all);
  }

  readLine(): Promise<string | undefined> {
    if (this.#rest.length === 0) return Promise.resolve(undefined);
    const end = this.#rest.indexOf("\n");
    const line = end < 0 ? this.#rest : this.#rest.subarray(0, end + 1);
    this.#rest = this.#rest.subarray(line.length);
    return Promise.resolve(line.toString("utf8"));
  }
}

/** Reads what comes over a wire; nothing is awaited before a command asks for it. */
export class StreamInput implements Input {
  readonly #chunks: Buffer[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async read(): Promise<Buffer> {
    while (!this.#ended) await this.#more();
    return Buffer.concat(this.#chunks.splice(0));
  }

  async readLine(): Promise<string | undefined> {
    for (;;) {
      const known = Buffer.concat(this.#chunks.splice(0));
      const end = known.indexOf("\n");
      if (end >= 0) {
        this.#chunks.push(known.subarray(end + 1));
        return known.subarray(0, end + 1).toString("utf8");
      }
      if (this.#ended) return known.length === 0 ? undefined : known.toString("utf8");
      this.#chunks.push(known);
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}

/** Keeps what is written. */
export class BufferOutput implements Output {
  readonly #chunks: Buffer[] = [];

  readonly write = (data: string | Buffer): void => {
    this.#chunks.push(Buffer.from(data));
  };

  get data(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get text(): string {
    return this.data.toString("utf8");
  }
}

/** Writes into a file, which is there from the beginning on. */
export function fileOutput(
  files: FileSystem,
  path: string,
  { append, umask }: { readonly append: boolean; readonly umask: number },
): Output {
  if (!append || !files.exists(path)) files.write(path, "", 0o666 & ~umask);
  return {
    write: (data) => {
      files.write(path, Buffer.concat([files.read(path), Buffer.from(data)]));
    },
  };
}
