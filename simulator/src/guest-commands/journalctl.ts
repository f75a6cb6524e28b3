import { CommandError, type Program } from "../shell/machine.ts";
import { readOptions } from "../shell/options.ts";
import { fullName } from "./unit-file.ts";
import type { SystemSoftware } from "./system.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `journalctl -u UNIT`: what units have said when they were started, stopped and reloaded. */
export function journalctlProgram({ journal }: SystemSoftware): Program {
  return ({ args, machine, out }) => {
    const { given, operands } = readOptions(args, "u:n:o:xeqrb", [
      ...["unit=|u", "lines=|n", "output=|o", "no-pager", "quiet|q", "catalog|x", "pager-end|e", "reverse|r", "boot|b"],
      ...["no-hostname", "since=", "until="],
    ]);
    if (operands.length > 0) throw new CommandError(`Failed to add match '${operands[0] ?? ""}': Invalid argument`);
    const format = given.get("o") ?? "short";
    if (!["cat", "short"].includes(format))
      throw new CommandError(`the simulator does not know the output '${format}'`);
    const wanted = given.get("u");
    const unit = wanted === undefined ? undefined : fullName(wanted);
    const all = journal().filter((line) => unit === undefined || line.unit === unit);
    const count = given.get("n");
    const lines =
      count === undefined || count === "all" ? all : all.slice(all.length - Math.min(all.length, Number(count)));
    if (lines.length === 0 && !given.has("q")) out("-- No entries --\n");
    for (const { time, identifier, message } of given.has("r") ? [...lines].reverse() : lines) {
      const at = new Date(time * 1000);
      const clock = at.toISOString().slice(11, 19);
      const day = String(at.getUTCDate()).padStart(2, "0");
      const head = `${months[at.getUTCMonth()] ?? ""} ${day} ${clock} ${machine.hostname()} ${identifier}[1]: `;
      out(`${format === "cat" ? "" : head}${message}\n`);
    }
    return 0;
  };
}
