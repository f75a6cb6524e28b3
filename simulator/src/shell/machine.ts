import type { FileSystem } from "../files/file-system.ts";

/** What commands run on: a node, or the inside of a guest. */
export interface Machine {
  readonly files: FileSystem;
  readonly hostname: () => string;
  /** What `uname -r` says. */
  readonly kernel: string;
  /** Programs by their name; builtins of the shell are not among them. */
  readonly programs: Readonly<Record<string, Program>>;
  /** What files do that stand for programs, by the program's name and version. */
  readonly standIns: Readonly<Record<string, (version: string) => Program>>;
  readonly now: () => Date;
  /** Waits as long as the machine's clock takes for it. */
  readonly sleep: (seconds: number) => Promise<void>;
}

/** A command: returns its exit status, where it is not 0. */
export type Program = (call: Call) => undefined | number | Promise<undefined | number>;

/** A command that someone runs. */
export interface Call {
  /** What it was called as, without its folder. */
  readonly name: string;
  readonly args: readonly string[];
  readonly machine: Machine;
  /** The folder to which relative paths belong. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Bits that new files and folders do not get. */
  readonly umask: number;
  readonly input: Input;
  readonly out: (data: string | Buffer) => void;
  readonly err: (data: string | Buffer) => void;
  /** Runs another command in place of this one, as `env` and `xargs` do. */
  readonly run: (words: readonly string[], change?: CallChange) => Promise<number>;
  /** Runs a script in a shell of its own, as `sh -c` does. */
  readonly shell: (script: string, options?: ShellOptions) => Promise<number>;
}

/** What a command gives another one that is not its own. */
export interface CallChange {
  readonly input?: Input;
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** Debian's /bin/sh, or what root logs in to. */
export type Dialect = "bash" | "dash";

/** How a shell starts. */
export interface ShellOptions {
  /** The default is that of the shell that starts it. */
  readonly dialect?: Dialect;
  /** `$0` */
  readonly name?: string;
  readonly args?: readonly string[];
  /** Letters of `set`: `e`, `u`, `x`; and names: `pipefail`. */
  readonly flags?: readonly string[];
}

/** Where a command reads from. */
export interface Input {
  /** Everything that is left. */
  readonly read: () => Promise<Buffer>;
  /** The next line with its line break; undefined at the end. */
  readonly readLine: () => Promise<string | undefined>;
}

/** Where a command writes to. */
export interface Output {
  readonly write: (data: string | Buffer) => void;
}

/** A command that fails: says why on standard error, after its own name. */
export class CommandError extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** An expansion that fails ends the shell, wherever it is. */
export class ExpansionError extends CommandError {}

/** The same for programs that do not say their name. */
export class PlainError extends CommandError {}
