import type { Dialect } from "./machine.ts";
import type { Command } from "./syntax.ts";

/** What a shell knows while it runs a script. */
export class ShellState {
  /** `$0` */
  name = "sh";
  args: readonly string[] = [];
  folder = "/root";
  status = 0;
  exitTrap: string | undefined;
  /** Bits that new files and folders do not get. */
  umask = 0o022;
  /** Which shell this is: where they differ, scripts notice. */
  dialect: Dialect = "bash";
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly functions: Map<string, Command>;
  /** Letters and names of `set`. */
  readonly flags: Set<string>;
  /** Of each function that runs: what its `local` variables were before. */
  readonly locals: Map<string, string | undefined>[] = [];

  constructor(from?: ShellState) {
    this.variables = new Map(from?.variables);
    this.exported = new Set(from?.exported);
    this.functions = new Map(from?.functions);
    this.flags = new Set(from?.flags);
    if (from === undefined) return;
    ({ name: this.name, args: this.args, folder: this.folder, status: this.status } = from);
    ({ umask: this.umask, dialect: this.dialect } = from);
  }

  /** A shell as a login gives it, with variables from outside. */
  static begin(environment: Readonly<Record<string, string>>, folder: string): ShellState {
    const state = new ShellState();
    for (const [name, value] of Object.entries(environment)) state.export(name, value);
    state.folder = folder;
    return state;
  }

  export(name: string, value?: string): void {
    if (value !== undefined) this.variables.set(name, value);
    this.exported.add(name);
  }

  /** What programs get. */
  get environment(): Record<string, string> {
    const known = [...this.exported].filter((name) => this.variables.has(name));
    return { ...Object.fromEntries(known.map((name) => [name, this.variables.get(name) ?? ""])), PWD: this.folder };
  }

  /** A variable or a special parameter such as `$#`; undefined where it is not set. */
  lookUp(name: string): string | undefined {
    switch (name) {
      case "?":
        return String(this.status);
      case "#":
        return String(this.args.length);
      case "@":
        return this.args.join(" ");
      case "*":
        return this.args.join(Array.from(this.variables.get("IFS") ?? " ")[0] ?? "");
      case "$":
        return "1024";
      case "!":
        return undefined;
      case "-":
        return [...this.flags].filter((flag) => flag.length === 1).join("");
      case "0":
        return this.name;
      case "PWD":
        return this.folder;
      default:
        return /^\d+$/.test(name) ? this.args[Number(name) - 1] : this.variables.get(name);
    }
  }
}
