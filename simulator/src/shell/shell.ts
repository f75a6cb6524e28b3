import { expandPieces, expandText, expandWords, type ExpandContext } from "./expand.ts";
import { dispatch } from "./dispatch.ts";
import { CommandError, type Machine } from "./machine.ts";
import { parseScript } from "./parse.ts";
import { patternSource } from "./pattern.ts";
import { redirect, type Descriptors } from "./redirect.ts";
import { ShellState } from "./shell-state.ts";
import { ExitSignal, Killed, LoopSignal } from "./signals.ts";
import { BufferInput, BufferOutput } from "./streams.ts";
import { SyntaxProblem, type Body, type Chain, type Command, type Pipeline, type Script } from "./syntax.ts";

type Simple = Extract<Body, { kind: "simple" }>;

/** A shell at work: the POSIX shell, with what is most used of bash. */
export class Shell {
  readonly machine: Machine;
  readonly state: ShellState;
  readonly aborted: AbortSignal;
  /** How deep in conditions, where a failure does not end a shell with `set -e`. */
  #guards: number;
  /** How many `$(…)` there were. */
  #substitutions = 0;
  /** What `exec` has put in the place of descriptors. */
  readonly #replaced: Map<Descriptors, Descriptors>;

  constructor(
    machine: Machine,
    state: ShellState,
    aborted: AbortSignal,
    guards = 0,
    replaced: ReadonlyMap<Descriptors, Descriptors> = new Map(),
  ) {
    this.machine = machine;
    this.state = state;
    this.aborted = aborted;
    this.#guards = guards;
    this.#replaced = new Map(replaced);
  }

  /** Runs a script to its end, and returns its exit status. */
  run(text: string, io: Descriptors): Promise<number> {
    return this.#toItsEnd(() => this.source(text, io), io);
  }

  async #toItsEnd(work: () => Promise<number>, io: Descriptors): Promise<number> {
    const status = await this.#untilExit(work, io);
    const { exitTrap } = this.state;
    this.state.exitTrap = undefined;
    if (exitTrap === undefined) return status;
    this.state.status = status;
    return this.#untilExit(async () => {
      await this.source(exitTrap, io);
      return status;
    }, io);
  }

  /** Runs a script in this shell. */
  source(text: string, io: Descriptors): Promise<number> {
    return this.list(parseScript(text), io);
  }

  /** Runs the commands of a script one after the other. */
  async list(script: Script, io: Descriptors): Promise<number> {
    for (const { chain, background } of script.items) {
      if (background) throw new CommandError("the simulator does not run commands in the background", 2);
      await this.#chain(chain, io);
    }
    if (script.items.length === 0) this.state.status = 0;
    return this.state.status;
  }

  /** Runs a command that has redirections of its own. */
  async command({ body, redirections }: Command, given: Descriptors): Promise<number> {
    if (this.aborted.aborted) throw new Killed();
    let io = given;
    for (let next = this.#replaced.get(io); next !== undefined; next = this.#replaced.get(io)) io = next;
    if (body.kind === "simple") return this.#simple(body, redirections, io);
    const own = await this.#redirected(redirections, io, 1);
    return (this.state.status = own === undefined ? 1 : await this.#compound(body, own));
  }

  /** A copy of this shell, whose changes stay its own. */
  fork(): Shell {
    return new Shell(this.machine, new ShellState(this.state), this.aborted, this.#guards, this.#replaced);
  }

  async #untilExit(work: () => Promise<number>, io: Descriptors): Promise<number> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ExitSignal) return error.status;
      if (error instanceof LoopSignal) return 0;
      const [line, status] = error instanceof SyntaxProblem ? [error.line, 2] : [1, statusOf(error)];
      io.outputs.get(2)?.write(`${this.state.name}: ${line}: ${(error as Error).message}\n`);
      return status;
    }
  }

  async #chain({ first, rest }: Chain, io: Descriptors): Promise<void> {
    const pipelines = [{ when: undefined, pipeline: first }, ...rest];
    let last: Pipeline | undefined;
    for (const [index, { when, pipeline }] of pipelines.entries()) {
      if (when !== undefined && (this.state.status === 0) !== (when === "&&")) continue;
      const guarded = index < pipelines.length - 1 || pipeline.negated;
      this.state.status = await this.#guarded(guarded, () => this.#pipeline(pipeline, io));
      last = guarded ? undefined : pipeline;
    }
    const fails = last !== undefined && this.state.status !== 0 && this.#guards === 0;
    if (fails && this.state.flags.has("e")) throw new ExitSignal(this.state.status);
  }

  async #pipeline({ negated, commands }: Pipeline, io: Descriptors): Promise<number> {
    const [only] = commands;
    let status = 0;
    if (commands.length === 1 && only !== undefined) status = await this.command(only, io);
    else {
      let { input } = io;
      for (const [index, command] of commands.entries()) {
        const output = new BufferOutput();
        const last = index === commands.length - 1;
        const outputs = last ? io.outputs : new Map([...io.outputs, [1, output]]);
        const part = this.fork();
        const failed = await part.#toItsEnd(() => part.command(command, { ...io, input, outputs }), io);
        status = failed === 0 && this.state.flags.has("pipefail") ? status : failed;
        input = new BufferInput(output.data);
      }
    }
    return negated ? Number(status === 0) : status;
  }

  async #compound(body: Exclude<Body, Simple>, io: Descriptors): Promise<number> {
    switch (body.kind) {
      case "group":
        return this.list(body.script, io);
      case "subshell":
        return this.fork().#runForked(body.script, io);
      case "if":
        for (const { condition, script } of body.branches) {
          if ((await this.#guarded(true, () => this.list(condition, io))) === 0) return this.list(script, io);
        }
        return body.otherwise === undefined ? 0 : this.list(body.otherwise, io);
      case "loop":
        return this.#loop(body, io);
      case "for":
        return this.#for(body, io);
      case "case":
        return this.#case(body, io);
      case "function":
        this.state.functions.set(body.name, body.command);
        return 0;
    }
  }

  #runForked(script: Script, io: Descriptors): Promise<number> {
    return this.#toItsEnd(() => this.list(script, io), io);
  }

  async #loop({ until, condition, script }: Extract<Body, { kind: "loop" }>, io: Descriptors): Promise<number> {
    let status = 0;
    while (((await this.#guarded(true, () => this.list(condition, io))) === 0) !== until) {
      // Whatever runs in a loop for long shall not keep the simulator from answering.
      await new Promise((resolve) => setImmediate(resolve));
      if (await this.#round(script, io)) break;
      ({ status } = this.state);
    }
    return status;
  }

  async #for({ name, words, script }: Extract<Body, { kind: "for" }>, io: Descriptors): Promise<number> {
    let status = 0;
    for (const value of words === undefined ? this.state.args : await expandWords(this.#context(io), words)) {
      this.state.variables.set(name, value);
      if (await this.#round(script, io)) break;
      ({ status } = this.state);
    }
    return status;
  }

  /** One round of a loop; true where it was the last. */
  async #round(script: Script, io: Descriptors): Promise<boolean> {
    try {
      await this.list(script, io);
      return false;
    } catch (error) {
      if (!(error instanceof LoopSignal)) throw error;
      // Leaving a round succeeds, whatever failed before it: `[ … ] || continue`.
      this.state.status = 0;
      if (--error.levels > 0) throw error;
      return error.kind === "break";
    }
  }

  async #case({ word, cases }: Extract<Body, { kind: "case" }>, io: Descriptors): Promise<number> {
    const context = this.#context(io);
    const value = await expandText(context, word);
    for (const { patterns, script } of cases) {
      for (const pattern of patterns) {
        const source = patternSource(await expandPieces(context, pattern));
        if (new RegExp(`^(?:${source})$`).test(value)) return this.list(script, io);
      }
    }
    return 0;
  }

  async #simple(body: Simple, redirections: Command["redirections"], io: Descriptors): Promise<number> {
    const context = this.#context(io);
    const substitutions = this.#substitutions;
    const words = await expandWords(context, body.words);
    const assigned: [string, string][] = [];
    for (const { name, append, value } of body.assignments) {
      const text = await expandText(context, value);
      const known = append ? (this.state.lookUp(name) ?? "") : "";
      assigned.push([name, known + text]);
      if (words.length === 0) this.state.variables.set(name, known + text);
    }
    const own = await this.#redirected(redirections, io, body.line);
    if (own === undefined) return (this.state.status = 1);
    if (words.length === 0) {
      // Without a command it succeeds, unless a `$(…)` in it fails.
      if (substitutions === this.#substitutions) this.state.status = 0;
      return this.state.status;
    }
    if (words.length === 1 && words[0] === "exec") {
      if (own !== io) this.#replaced.set(io, own);
      return (this.state.status = 0);
    }
    if (this.state.flags.has("x")) io.outputs.get(2)?.write(`+ ${words.join(" ")}\n`);
    this.state.status = await dispatch(this, words, { io: own, line: body.line, assigned });
    return this.state.status;
  }

  /** Opens files for a command; what can't be opened fails the command alone, and says so. */
  async #redirected(
    redirections: Command["redirections"],
    io: Descriptors,
    line: number,
  ): Promise<Descriptors | undefined> {
    try {
      return await redirect(this.#context(io), redirections, io);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      io.outputs.get(2)?.write(`${this.state.name}: ${line}: ${error.message}\n`);
      return undefined;
    }
  }

  async #guarded<T>(guarded: boolean, work: () => Promise<T>): Promise<T> {
    if (guarded) this.#guards++;
    try {
      return await work();
    } finally {
      if (guarded) this.#guards--;
    }
  }

  #context(io: Descriptors): ExpandContext {
    return {
      state: this.state,
      files: this.machine.files,
      substitute: async (script) => {
        this.#substitutions++;
        const output = new BufferOutput();
        const outputs = new Map([...io.outputs, [1, output]]);
        this.state.status = await this.fork().#runForked(script, { ...io, outputs });
        return output.text;
      },
    };
  }
}

function statusOf(error: unknown): number {
  if (error instanceof CommandError) return error.status;
  throw error;
}
