import { CommandError, type Call } from "../machine.ts";
import { unescape } from "./unescape.ts";

/** `printf`: the format goes on as long as there are arguments. */
export function printf({ args, out }: Call): number {
  const [format, ...values] = args[0] === "--" ? args.slice(1) : args;
  if (format === undefined) throw new CommandError("usage: printf format [arguments]", 2);
  do out(print(format, values));
  while (values.length > 0 && /%[^%]/.test(format));
  return 0;
}

/** Takes what it needs from the values. */
function print(format: string, values: string[]): string {
  return format.replaceAll(
    /\\(?:0?[0-7]{1,3}|x[0-9a-f]{1,2}|.)|%(-?)(0?)(\d*)(?:\.(\d+))?([%sdibqxXoucf])/gi,
    (all, left: string, zero: string, width: string, precision: string | undefined, kind: string | undefined) => {
      if (kind === undefined) return unescape(all);
      if (kind === "%") return "%";
      const text = convert(kind, values.shift() ?? "", precision);
      const pad = zero === "" || left !== "" ? " " : "0";
      return left === "" ? text.padStart(Number(width), pad) : text.padEnd(Number(width), pad);
    },
  );
}

function convert(kind: string, value: string, precision: string | undefined): string {
  switch (kind) {
    case "b":
      return unescape(value);
    case "c":
      return value.slice(0, 1);
    case "q":
      return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
    case "s":
      return precision === undefined ? value : value.slice(0, Number(precision));
    case "f":
      return Number(value).toFixed(Number(precision ?? 6));
    case "x":
      return Math.trunc(Number(value)).toString(16);
    case "X":
      return Math.trunc(Number(value)).toString(16).toUpperCase();
    case "o":
      return Math.trunc(Number(value)).toString(8);
    default:
      return String(Math.trunc(Number(value)));
  }
}
