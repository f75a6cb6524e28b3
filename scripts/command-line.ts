/** The options of every command of Pulumi that take a value of their own. */
const valued = new Set([
  "--color",
  "--cwd",
  "-C",
  "--memprofilerate",
  "--otel-traces",
  "--profiling",
  "--stack",
  "-s",
  "--tracing",
  "--verbose",
  "-v",
]);

/** Writes a command line of Pulumi so that it begins with its command: `--stack demo up` is `up --stack demo`. */
export function commandFirst(args: readonly string[]): readonly string[] {
  const at = args.findIndex((arg, index) => !arg.startsWith("-") && !valued.has(args[index - 1] ?? ""));
  return at <= 0 ? args : [...args.slice(at, at + 1), ...args.slice(0, at), ...args.slice(at + 1)];
}
