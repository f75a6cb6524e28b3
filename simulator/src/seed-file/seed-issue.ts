import { ApiError } from "../api-error.ts";
import { messageOf } from "../start-error.ts";

/** Something in a seed file that cannot be. */
export class SeedIssue extends Error {
  override readonly name = "SeedIssue";
  readonly path: readonly PropertyKey[];
  readonly remedy: string;

  constructor(path: readonly PropertyKey[], problem: string, remedy: string) {
    super(problem);
    this.path = path;
    this.remedy = remedy;
  }
}

/** Does a part of a seed; what Proxmox refuses is told where the seed asks for it. */
export function at<T>(path: readonly PropertyKey[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SeedIssue) throw error;
    const [name, problem] = error instanceof ApiError ? (Object.entries(error.errors ?? {})[0] ?? []) : [];
    const message = name === undefined ? messageOf(error) : `${name}: ${problem ?? ""}`;
    throw new SeedIssue(path, `Proxmox refuses this: ${message.trim()}.`, "Write it as its API takes it.");
  }
}
