import { readdirSync, readFileSync } from "node:fs";

/** Seconds of processor time that a run has cost, by who spent them. */
export interface ProcessorTime {
  /** The program: Node.js with the inventory, the plan and the components. */
  readonly program: number;
  /** Pulumi's engine and its language host. */
  readonly engine: number;
  /** The plugins, of which the provider is nearly all. */
  readonly plugins: number;
}

// The unit of /proc/PID/stat, on every architecture that Node.js runs on.
const ticksPerSecond = 100;

/** Watches the processes that this one has started, which only Linux tells; elsewhere there is nothing to see. */
export class ProcessorWatch {
  readonly #ticks = new Map<number, { name: string; ticks: number }>();
  readonly #timer = setInterval(() => {
    this.#look();
  }, 50);

  end(): void {
    clearInterval(this.#timer);
  }

  /** What was seen so far; undefined where nothing can be seen. */
  figures(): ProcessorTime | undefined {
    if (this.#ticks.size === 0) return undefined;
    const seen = [...this.#ticks.values()];
    const secondsOf = (isMeant: (name: string) => boolean) =>
      seen.filter(({ name }) => isMeant(name)).reduce((sum, { ticks }) => sum + ticks, 0) / ticksPerSecond;
    // The kernel keeps 15 characters of a name.
    const isPlugin = (name: string) => name.startsWith("pulumi-resource");
    const isEngine = (name: string) => name.startsWith("pulumi") && !isPlugin(name);
    return {
      program: secondsOf((name) => !name.startsWith("pulumi")),
      engine: secondsOf(isEngine),
      plugins: secondsOf(isPlugin),
    };
  }

  #look(): void {
    for (const { pid, name, ticks } of descendants(process.pid)) this.#ticks.set(pid, { name, ticks });
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly ticks: number;
}

function descendants(root: number): Process[] {
  const all = processes();
  const family = new Set([root]);
  // A child may have been listed before its parent.
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => pid !== root && family.has(pid));
}

function processes(): Process[] {
  try {
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((entry) => readProcess(Number(entry)));
  } catch {
    return [];
  }
}

function readProcess(pid: number): Process[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name may have spaces and parentheses itself.
    const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(stat) ?? [];
    const [, parent, , , , , , , , , , user, system] = rest.split(" ");
    return [{ pid, parent: Number(parent), name, ticks: Number(user) + Number(system) }];
  } catch {
    // It has ended in the meantime.
    return [];
  }
}
