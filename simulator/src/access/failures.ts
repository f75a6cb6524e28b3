import { ApiError } from "../api-error.ts";

/** Says of a refusal what it put an end to: `create user failed: …`. The errors of parameters become part of the text. */
export function orFail<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, message, errors = {} } = error;
    const details = Object.entries(errors).map(([name, problem]) => `\n${name}: ${problem}`);
    throw new ApiError(500, `${what}: ${status === 500 ? "" : `${status} `}${message}${details.join("")}`);
  }
}
