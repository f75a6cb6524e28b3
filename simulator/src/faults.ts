/** What goes wrong. */
export type FaultEffect =
  /** Answers with this status and message instead of doing anything. */
  | { readonly kind: "status"; readonly status: number; readonly message?: string }
  /** Never answers. */
  | { readonly kind: "hang" }
  /** Answers, but later. */
  | { readonly kind: "delay"; readonly seconds: number }
  /** Closes the connection: before anything is done, or after, so that the client does not learn of it. */
  | { readonly kind: "drop"; readonly after?: boolean }
  /** Does what was asked, but the task that it starts fails. */
  | { readonly kind: "task"; readonly message: string };

/** A fault that was asked for. */
export interface Fault {
  /** `POST`; any where it is left out. */
  readonly method?: string;
  /** As in the request, below `/api2/json`; `*` stands for anything but a slash, `**` for anything. */
  readonly path: string;
  /** How often; without end where it is left out. */
  readonly times?: number;
  readonly effect: FaultEffect;
}

/** A fault in force. */
export interface ActiveFault extends Fault {
  readonly id: number;
  /** How often it has struck. */
  readonly struck: number;
}

/** Says what happens to a request; nothing unusual where it says nothing. */
export type Decide = (method: string, path: string) => FaultEffect | undefined;

/** The faults in force. */
export class Faults {
  #faults: { fault: Fault; id: number; struck: number; pattern: RegExp }[] = [];
  readonly #listeners = new Set<() => void>();
  #decide: Decide | undefined;
  #lastId = 0;

  /** Lets requests fail from now on; returns what ends it. */
  readonly add = (fault: Fault): (() => void) => {
    const id = ++this.#lastId;
    this.#faults.push({ fault, id, struck: 0, pattern: patternOf(fault.path) });
    this.#tell();
    return () => {
      this.remove(id);
    };
  };

  readonly remove = (id: number): void => {
    this.#faults = this.#faults.filter((candidate) => candidate.id !== id);
    this.#tell();
  };

  readonly clear = (): void => {
    this.#faults = [];
    this.#tell();
  };

  readonly list = (): ActiveFault[] => this.#faults.map(({ fault, id, struck }) => ({ ...fault, id, struck }));

  /** Tells whenever a fault is added, removed or strikes, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Lets somebody decide for each request, before faults strike it; returns what ends that. */
  intercept(decide: Decide): () => void {
    this.#decide = decide;
    return () => {
      if (this.#decide === decide) this.#decide = undefined;
    };
  }

  /** The effect that strikes a request, counted. */
  strike(method: string, path: string): FaultEffect | undefined {
    const decided = this.#decide?.(method, path);
    if (decided !== undefined) return decided;
    const match = this.#faults.find(
      ({ fault, struck, pattern }) =>
        (fault.method === undefined || fault.method === method) &&
        struck < (fault.times ?? Infinity) &&
        pattern.test(path),
    );
    if (match === undefined) return undefined;
    match.struck += 1;
    this.#tell();
    return match.fault.effect;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Reads a fault as the command line has it: `POST /nodes/pve-01/lxc 500 out of disk ×2`, `* ** delay 2`.
 * @throws {Error} with the ways to write one
 */
export function parseFault(text: string): Fault {
  const [, words = "", times] = /^(.*?)(?:\s+[x×](\d+))?$/.exec(text.trim()) ?? [];
  const [method = "", path = "", kind = "", ...rest] = words.split(/\s+/);
  const effect = parseEffect(kind, rest.join(" "));
  if (effect === undefined || !/^([A-Z]+|\*)$/.test(method) || !/^[/*]/.test(path)) {
    throw new Error(
      `"${text}" is not a fault. Write METHOD PATH, and one of: STATUS [MESSAGE], hang, delay SECONDS, drop, drop after, task MESSAGE; then ×N for how often.`,
    );
  }
  return {
    ...(method === "*" ? {} : { method }),
    path,
    ...(times === undefined ? {} : { times: Number(times) }),
    effect,
  };
}

/** Writes a fault so that {@link parseFault} reads it. */
export function printFault({ method = "*", path, effect, times }: Fault): string {
  const end = times === undefined ? "" : ` ×${times}`;
  return `${method} ${path} ${printEffect(effect)}${end}`;
}

function printEffect(effect: FaultEffect): string {
  switch (effect.kind) {
    case "status":
      return `${effect.status} ${effect.message ?? ""}`.trimEnd();
    case "hang":
      return "hang";
    case "delay":
      return `delay ${effect.seconds}`;
    case "drop":
      return effect.after === true ? "drop after" : "drop";
    case "task":
      return `task ${effect.message}`;
  }
}

function parseEffect(kind: string, rest: string): FaultEffect | undefined {
  if (/^[45]\d\d$/.test(kind)) {
    return { kind: "status", status: Number(kind), ...(rest === "" ? {} : { message: rest }) };
  }
  if (kind === "hang" && rest === "") return { kind };
  if (kind === "delay" && /^\d+(\.\d+)?$/.test(rest)) return { kind, seconds: Number(rest) };
  if (kind === "drop" && /^(after)?$/.test(rest)) return { kind, ...(rest === "after" ? { after: true } : {}) };
  return kind === "task" && rest !== "" ? { kind, message: rest } : undefined;
}

function patternOf(path: string): RegExp {
  const source = path
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`),
    );
  return new RegExp(`^${source.join("")}/?$`);
}
