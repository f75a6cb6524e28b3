import { ApiError } from "../api-error.ts";

/** Says in front of what goes wrong what was about to be done: `unable to create CT 101 - …`. */
export function explaining<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError) throw new ApiError(error.status, `${prefix} ${error.message}`);
    throw error;
  }
}
