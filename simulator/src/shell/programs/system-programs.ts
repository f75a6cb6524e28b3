import { posix } from "node:path";
import { CommandError, type Call, type Program } from "../machine.ts";
import { readOptions } from "../options.ts";
import { absolute } from "./paths.ts";
import { test } from "./test.ts";

/** Programs that tell of the system, or start others. */
export const systemPrograms: Readonly<Record<string, Program>> = {
  "[": test,
  "[[": test,
  bash: shell,
  dash: shell,
  date: ({ args, machine, out }) => {
    const [format = "+%a %b %e %H:%M:%S UTC %Y"] = args.filter((arg) => arg.startsWith("+"));
    out(`${printDate(machine.now(), format.slice(1))}\n`);
    return 0;
  },
  env: ({ args, environment, out, run }) => {
    const change: Record<string, string> = {};
    const words = [...args];
    const clean = words[0] === "-i" && words.shift() !== undefined;
    while (/^\w+=/.test(words[0] ?? "")) {
      const [assignment = ""] = words.splice(0, 1);
      change[assignment.slice(0, assignment.indexOf("="))] = assignment.slice(assignment.indexOf("=") + 1);
    }
    const own = { ...(clean ? {} : environment), ...change };
    if (words.length > 0) return run(words, { environment: own });
    for (const [name, value] of Object.entries(own)) out(`${name}=${value}\n`);
    return 0;
  },
  false: () => 1,
  flock: ({ args, run }) => {
    const rest = args.slice(args.findIndex((arg) => !arg.startsWith("-")) + 1);
    return /^\d+$/.test(args.at(-1) ?? "") || rest.length === 0 ? 0 : run(rest);
  },
  hostname: ({ args, machine, out }) => {
    if (args.length > 0 && !["-f", "-s", "--fqdn", "--short"].includes(args[0] ?? "")) {
      throw new CommandError(`the simulator does not know 'hostname ${args.join(" ")}'`);
    }
    out(`${machine.hostname()}\n`);
    return 0;
  },
  nice: ({ args, run }) => run(args[0] === "-n" ? args.slice(2) : args),
  nohup: ({ args, run }) => run(args),
  printenv: ({ args, environment, out }) => {
    const [name] = args;
    if (name === undefined) for (const [key, value] of Object.entries(environment)) out(`${key}=${value}\n`);
    else if (environment[name] === undefined) return 1;
    else out(`${environment[name]}\n`);
    return 0;
  },
  seq: ({ args, out }) => {
    const [first = 1, step = 1, last = 1] =
      args.length === 1
        ? [1, 1, Number(args[0])]
        : args.length === 2
          ? [Number(args[0]), 1, Number(args[1])]
          : args.map(Number);
    for (let value = first; step > 0 ? value <= last : value >= last; value += step) out(`${value}\n`);
    return 0;
  },
  sh: shell,
  sleep: async ({ args, machine }) => {
    const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
    for (const text of args) {
      const [, number, unit = "s"] = /^(\d*\.?\d+)([smhd]?)$/.exec(text) ?? [];
      if (number === undefined) throw new CommandError(`invalid time interval '${text}'`);
      await machine.sleep(Number(number) * (units[unit || "s"] ?? 1));
    }
    return 0;
  },
  test,
  timeout: ({ args, run }) => {
    const start = args.findIndex((arg) => /^\d/.test(arg));
    return run(args.slice(start + 1));
  },
  true: () => 0,
  uname: ({ args, machine, out }) => {
    const parts: Readonly<Record<string, string>> = {
      s: "Linux",
      n: machine.hostname(),
      r: machine.kernel,
      v: `#1 SMP PREEMPT_DYNAMIC PMX ${machine.kernel.replace(/-pve$/, "")}`,
      m: "x86_64",
      o: "GNU/Linux",
    };
    const { given } = readOptions(args, "asnrvmo", ["all|a", "machine|m", "kernel-release|r"]);
    const chosen = given.has("a")
      ? Object.values(parts)
      : Object.keys(parts)
          .filter((key) => given.has(key))
          .map((key) => parts[key]);
    out(`${chosen.length === 0 ? "Linux" : chosen.join(" ")}\n`);
    return 0;
  },
  which: ({ args, run }) => run(["command", "-v", ...args]),
  whoami: ({ out }) => {
    out("root\n");
    return 0;
  },
};

/** `sh -c SCRIPT`, `sh FILE`, `sh -s`, and `bash` with the same. */
async function shell(call: Call): Promise<number> {
  const flags: string[] = [];
  const words = [...call.args];
  let mode = "";
  while (/^[-+]./.test(words[0] ?? "") && words[0] !== "--") {
    const [option = ""] = words.splice(0, 1);
    if (option.startsWith("--")) continue;
    for (const letter of option.slice(1)) {
      if (letter === "c" || letter === "s") mode = letter;
      else if (letter === "o") flags.push(...words.splice(0, 1));
      else if (!"li".includes(letter)) flags.push(letter);
    }
  }
  if (words[0] === "--") words.shift();
  const dialect = call.name === "bash" ? "bash" : "dash";
  const named = flags.map((flag) => ({ errexit: "e", nounset: "u", xtrace: "x" })[flag] ?? flag);
  if (mode === "c") {
    const [script = "", name = call.name, ...args] = words;
    return call.shell(script, { name, args, flags: named, dialect });
  }
  if (mode === "s" || words.length === 0) {
    const script = (await call.input.read()).toString("utf8");
    return call.shell(script, { name: call.name, args: words, flags: named, dialect });
  }
  const [path = "", ...args] = words;
  if (!call.machine.files.exists(absolute(call, path)))
    throw new CommandError(`${path}: No such file or directory`, 127);
  const script = call.machine.files.read(absolute(call, path)).toString("utf8");
  return call.shell(script, { name: posix.normalize(path), args, flags: named, dialect });
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function printDate(now: Date, format: string): string {
  const iso = now.toISOString();
  const values: Readonly<Record<string, string>> = {
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    e: String(now.getUTCDate()).padStart(2),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    N: `${iso.slice(20, 23)}000000`,
    s: String(Math.floor(now.getTime() / 1000)),
    a: days[now.getUTCDay()] ?? "",
    b: months[now.getUTCMonth()] ?? "",
    Z: "UTC",
    z: "+0000",
    "%": "%",
  };
  return format.replaceAll(/%(.)/g, (_, letter: string) => {
    const value = values[letter];
    if (value === undefined) throw new CommandError(`the simulator does not know '%${letter}' of date`);
    return value;
  });
}
