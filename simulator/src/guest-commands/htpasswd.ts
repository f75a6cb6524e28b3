import bcrypt from "bcryptjs";
import { CommandError, PlainError, type Call } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import { absolute, linesOf } from "../shell/programs/paths.ts";

/** `htpasswd` that makes a line with bcrypt (`-niB`), and compares a password with a file (`-vi`). */
export async function htpasswd(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "niBC:v");
  // Without -i it asks a terminal, and a password on the command line is for everybody to see.
  if (!given.has("i")) throw new CommandError("the simulator only takes passwords from standard input: -i", 1);
  // All of it, and not a line of it.
  const password = String(await call.input.read()).replace(/\n$/, "");
  const [first = "", second = ""] = operands;
  if (given.has("v")) return verify(call, { file: first, user: second, password });
  if (!given.has("n") || !given.has("B"))
    throw new CommandError(`the simulator does not know 'htpasswd ${call.args.join(" ")}'`, 1);
  const cost = Number(given.get("C") ?? 5);
  if (!Number.isInteger(cost) || cost < 4 || cost > 17)
    throw new PlainError("htpasswd: Unable to encode with bcrypt: Invalid argument", 3);
  // Apache writes $2y$ for what others call $2b$.
  call.out(`${first}:${(await bcrypt.hash(password, cost)).replace(/^\$2b\$/, "$2y$")}\n\n`);
  return 0;
}

interface Question {
  readonly file: string;
  readonly user: string;
  readonly password: string;
}

async function verify(call: Call, { file, user, password }: Question): Promise<number> {
  const path = absolute(call, file);
  if (!call.machine.files.exists(path))
    throw new PlainError(`htpasswd: cannot modify file ${file}; use '-c' to create it`, 1);
  const line = linesOf(call.machine.files.read(path)).find((text) => text.startsWith(`${user}:`));
  if (line === undefined) throw new PlainError(`User ${user} not found`, 6);
  const hash = line.slice(user.length + 1).replace(/^\$2y\$/, "$2b$");
  if (!(await bcrypt.compare(password, hash))) throw new PlainError("password verification failed", 3);
  call.err(`Password for user ${user} correct.\n`);
  return 0;
}
