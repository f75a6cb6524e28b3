import { posix } from "node:path";
import type { FileStatus } from "../../files/file-system.ts";
import { CommandError, type Call } from "../machine.ts";
import { patternSource } from "../pattern.ts";
import { BufferInput } from "../streams.ts";
import { absolute } from "./paths.ts";

type Test = (path: string, status: FileStatus) => boolean | Promise<boolean>;

interface Expression {
  readonly tests: Test[];
  minimum: number;
  maximum: number;
  acts: boolean;
}

const types: Readonly<Record<string, FileStatus["kind"]>> = { b: "block", f: "file", d: "folder", l: "link" };

/** `find` with its most used tests: all of them have to be true. */
export async function find(call: Call): Promise<number> {
  const start = call.args.findIndex((arg) => /^[-!(]/.test(arg));
  const roots = call.args.slice(0, start < 0 ? undefined : start);
  const expression = parse(call, start < 0 ? [] : call.args.slice(start));
  let status = 0;
  for (const root of roots.length === 0 ? ["."] : roots) {
    if (call.machine.files.exists(absolute(call, root))) await walk(call, expression, root, 0);
    else {
      call.err(`find: '${root}': No such file or directory\n`);
      status = 1;
    }
  }
  return status;
}

async function walk(call: Call, expression: Expression, path: string, depth: number): Promise<void> {
  const { files } = call.machine;
  const status = files.lstat(absolute(call, path));
  const names = status.kind === "folder" && depth < expression.maximum ? files.list(absolute(call, path)) : [];
  if (depth >= expression.minimum) await visit(call, expression, path, status);
  for (const name of names) await walk(call, expression, `${path.replace(/\/$/, "")}/${name}`, depth + 1);
}

async function visit(call: Call, { tests, acts }: Expression, path: string, status: FileStatus): Promise<void> {
  for (const test of tests) if (!(await test(path, status))) return;
  if (!acts) call.out(`${path}\n`);
}

function parse(call: Call, args: readonly string[]): Expression {
  const expression: Expression = { tests: [], minimum: 0, maximum: Infinity, acts: false };
  const rest = [...args];
  let negated = false;
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "!" || arg === "-not") negated = true;
    else if (arg === "-mindepth") expression.minimum = Number(rest.shift());
    else if (arg === "-maxdepth") expression.maximum = Number(rest.shift());
    else {
      const test = parseTest(call, arg, rest, expression);
      const inverted = negated;
      expression.tests.push(async (path, status) => (await test(path, status)) !== inverted);
      negated = false;
    }
  }
  return expression;
}

function parseTest(call: Call, arg: string, rest: string[], expression: Expression): Test {
  const { files } = call.machine;
  const matches = (pattern: string) => new RegExp(`^${patternSource([{ text: pattern, quoted: false }])}$`);
  switch (arg) {
    case "-name": {
      const pattern = matches(rest.shift() ?? "");
      return (path) => pattern.test(posix.basename(path));
    }
    case "-path": {
      const pattern = matches(rest.shift() ?? "");
      return (path) => pattern.test(path);
    }
    case "-type": {
      const kind = types[rest.shift() ?? ""];
      return (_path, status) => status.kind === kind;
    }
    case "-mtime": {
      const [, sign = "", days = ""] = /^([-+]?)(\d+)$/.exec(rest.shift() ?? "") ?? [];
      if (days === "") throw new CommandError("invalid argument to `-mtime'");
      const age = (mtime: number) => Math.floor((call.machine.now().getTime() / 1000 - mtime) / 86_400) - Number(days);
      return (_path, { mtime }) => (sign === "+" ? age(mtime) > 0 : sign === "-" ? age(mtime) < 0 : age(mtime) === 0);
    }
    case "-empty":
      return (path, { kind, size }) => (kind === "folder" ? files.list(absolute(call, path)).length === 0 : size === 0);
    case "-print":
    case "-print0":
      expression.acts = true;
      return (path) => {
        call.out(`${path}${arg === "-print" ? "\n" : "\0"}`);
        return true;
      };
    case "-delete":
      expression.acts = true;
      return (path, { kind }) => {
        if (kind === "folder") files.rmdir(absolute(call, path));
        else files.unlink(absolute(call, path));
        return true;
      };
    case "-exec": {
      expression.acts = true;
      const end = rest.findIndex((word) => word === ";" || word === "+");
      const command = rest.splice(0, end + 1).slice(0, -1);
      return async (path) =>
        (await call.run(
          command.map((word) => word.replaceAll("{}", path)),
          { input: new BufferInput() },
        )) === 0;
    }
    default:
      throw new CommandError(`the simulator does not know '${arg}' of find`);
  }
}
