import { readStackSettings, StackError, type StackSettings } from "./stack-settings.ts";
import { runPulumi } from "./pulumi-command.ts";

/** A stack whose settings are read and written through the engine. */
export interface OpenStack {
  readonly settings: StackSettings;
  /** Whether there was none of this name before. */
  readonly created: boolean;
  /** Sets what anyone may read. */
  readonly set: (name: string, value: string) => Promise<void>;
  /** Sets a secret, which no command line ever shows. */
  readonly setSecret: (name: string, value: string) => Promise<void>;
}

/**
 * Opens a stack; where there is none, it is created.
 * @throws {StackError} in the engine's words
 */
export async function openStack(project: string, stack: string): Promise<OpenStack> {
  const run = async (args: readonly string[], input?: string) => {
    const { code, messages } = await runPulumi(project, stack, args, input);
    if (code !== 0) throw new StackError(`Pulumi does not ${args.slice(0, 2).join(" ")}:\n${messages.trim()}`);
  };
  const open = (settings: StackSettings, created: boolean): OpenStack => ({
    settings,
    created,
    set: (name, value) => run(["config", "set", name, value]),
    setSecret: (name, value) => run(["config", "set", "--secret", name], value),
  });
  try {
    return open(await readStackSettings(project, stack), false);
  } catch (error) {
    if (!(error instanceof StackError) || !error.missing) throw error;
    await run(["stack", "init", "--no-select"]);
    return open(await readStackSettings(project, stack), true);
  }
}
