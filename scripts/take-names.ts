/** Takes `--option NAME` and `--option NAME,NAME` out of a command line, and returns the names. */
export function takeNames(
  option: string,
  args: readonly string[],
): { readonly names: string[]; readonly rest: string[] } {
  const names: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === option) names.push(...(args[++index] ?? "").split(","));
    else if (arg.startsWith(`${option}=`)) names.push(...arg.slice(option.length + 1).split(","));
    else rest.push(arg);
  }
  return { names: names.filter((name) => name !== ""), rest };
}
