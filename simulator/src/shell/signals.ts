/** Leaves the shell. */
export class ExitSignal extends Error {
  readonly status: number;

  constructor(status: number) {
    super("exit");
    this.status = status;
  }
}

/** Leaves a function. */
export class ReturnSignal extends ExitSignal {}

/** Leaves loops, or goes on with their next round. */
export class LoopSignal extends Error {
  readonly kind: "break" | "continue";
  levels: number;

  constructor(kind: "break" | "continue", levels: number) {
    super(kind);
    this.kind = kind;
    this.levels = levels;
  }
}

/** A signal of the operating system ends everything that runs. */
export class Killed extends Error {
  override readonly name = "Killed";
}
