/** Why access cannot be set up, and what to do; nothing has been changed where it is thrown before the first change. */
export class BootstrapError extends Error {
  override readonly name = "BootstrapError";
}
