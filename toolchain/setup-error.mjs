/**
 * What a user can put right about the toolchain: what was tried, why it failed and what to do.
 */
export class SetupError extends Error {
  /**
   * @param {{ tried: string, why: string, remedy: string, cause?: unknown }} problem
   */
  constructor({ tried, why, remedy, cause }) {
    super(`${tried}\n  Why: ${why}\n  What to do: ${remedy}`, { cause });
    this.name = "SetupError";
  }
}
