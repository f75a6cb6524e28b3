/** Something about how the simulator was started that its user can put right: where, what and why, and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";

  constructor(where: string, problem: string, remedy: string, others: readonly StartError[] = []) {
    super([`${where}\n  ${problem}\n  ${remedy}`, ...others.map(({ message }) => message)].join("\n\n"));
  }
}

/** The words of an error, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
