import { PlainError, type Call } from "../machine.ts";
import { readOptions } from "../options.ts";
import { absolute, readData } from "./paths.ts";

/** `cmp`: whether two files have the same bytes, and where they differ first. */
export async function cmp(call: Call): Promise<number> {
  const { given, operands } = readOptions(call.args, "s", ["silent|s", "quiet|s"]);
  const [left = "-", right = "-"] = operands;
  const silent = given.has("s");
  const missing = [left, right].find((path) => path !== "-" && !call.machine.files.exists(absolute(call, path)));
  if (missing !== undefined) throw new PlainError(silent ? "" : `cmp: ${missing}: No such file or directory`, 2);
  const [a, b] = [await readData(call, left), await readData(call, right)];
  if (a.equals(b)) return 0;
  const shorter = Math.min(a.length, b.length);
  let index = 0;
  while (index < shorter && a[index] === b[index]) index++;
  const line = a.subarray(0, index).toString("latin1").split("\n").length;
  if (silent) return 1;
  if (index < shorter) call.out(`${left} ${right} differ: char ${index + 1}, line ${line}\n`);
  else {
    const short = a.length < b.length ? left : right;
    const lines = a.subarray(0, index).toString("latin1").split("\n").length - 1;
    const place =
      index === 0
        ? "which is empty"
        : `after byte ${index}, ${a[index - 1] === 10 ? "line" : "in line"} ${a[index - 1] === 10 ? lines : lines + 1}`;
    call.err(`cmp: EOF on ${short} ${place}\n`);
  }
  return 1;
}
