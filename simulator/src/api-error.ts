/** A refusal in the shape and words of Proxmox: the message travels in the reason phrase of the status line. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** What is wrong with each parameter. */
  readonly errors: Readonly<Record<string, string>> | undefined;

  constructor(status: number, message: string, errors?: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** Refuses parameters, one message each. */
export function invalidParameters(errors: Readonly<Record<string, string>>): ApiError {
  return new ApiError(400, "Parameter verification failed.", errors);
}

/** What Proxmox says of an endpoint that it does not have, and this simulator of one that it lacks. */
export function notImplemented(method: string, path: string): ApiError {
  return new ApiError(501, `Method '${method} ${path}' not implemented`);
}

/**
 * Does what Proxmox does under a lock that names its failure: `create pool failed: pool 'x' already exists`. A refusal
 * that has a status of its own becomes text there, too.
 */
export function explainFailure<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 501) throw error;
    const { status, message, errors = {} } = error;
    const details = Object.entries(errors).map(([name, problem]) => `\n${name}: ${problem}`);
    throw new ApiError(500, `${what}: ${status === 500 ? "" : `${status} `}${message}${details.join("")}`);
  }
}
