/** The stack that a command line means; `stack` is undefined for commands that work on none. */
export type StackChoice =
  { readonly kind: "chosen"; readonly stack: string | undefined } | { readonly kind: "missing" };

const commandsWithoutStack = new Set([
  "about",
  "gen-completion",
  "help",
  "login",
  "logout",
  "org",
  "package",
  "plugin",
  "policy",
  "schema",
  "template",
  "version",
  "whoami",
]);

/**
 * Finds the stack that a command line of Pulumi means. Without a name it is the running demo's, never the real one:
 * a command that was meant for the demo must not reach the homelab.
 */
export function chooseStack(
  args: readonly string[],
  { named, demoRuns }: { readonly named: string | undefined; readonly demoRuns: boolean },
): StackChoice {
  const stack = stackOption(args) ?? stackArgument(args) ?? named;
  if (stack !== undefined) return { kind: "chosen", stack };
  if (worksOnNoStack(args)) return { kind: "chosen", stack: undefined };
  return demoRuns ? { kind: "chosen", stack: "demo" } : { kind: "missing" };
}

function stackOption(args: readonly string[]): string | undefined {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  for (const [index, arg] of own.entries()) {
    if (arg === "--stack" || arg === "-s") return own[index + 1];
    const joined = /^(?:--stack=|-s=?)(.+)$/.exec(arg)?.[1];
    if (joined !== undefined) return joined;
  }
  return undefined;
}

function stackArgument(args: readonly string[]): string | undefined {
  const [command, action, name] = args.filter((arg) => !arg.startsWith("-"));
  return command === "stack" && ["init", "select", "rm", "unselect"].includes(action ?? "") ? name : undefined;
}

function worksOnNoStack(args: readonly string[]): boolean {
  const [command, action] = args.filter((arg) => !arg.startsWith("-"));
  if (command === undefined || args.includes("--help") || args.includes("-h")) return true;
  return commandsWithoutStack.has(command) || (command === "stack" && action === "ls");
}
