import type { z } from "zod";

/** A list on GitLab or GitHub in which something is read and written, and what opens it. */
export interface ForgePlace {
  readonly forge: "GitLab" | "GitHub";
  /** What messages call it: `merge request !7 of project 12`. */
  readonly name: string;
  /** The list, to which one is added, too. */
  readonly url: string;
  /** Who the token belongs to. */
  readonly userUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the token needs for it, in the words of a message. */
  readonly right: string;
}

/** What GitLab or GitHub has answered. */
export interface ForgeAnswer {
  readonly status: number;
  readonly value: unknown;
  /** The next page of a list. */
  readonly next: string | undefined;
}

/** Something that could not be read or written there, with what to do. */
export class ForgeError extends Error {
  override readonly name = "ForgeError";
}

/**
 * Asks GitLab or GitHub for something, or to change it.
 * @param what completes the sentence "Cannot … merge request !7"
 * @throws {ForgeError} that says why it is not done
 */
export async function askForge(
  place: ForgePlace,
  what: string,
  method: string,
  url: string,
  body?: object,
): Promise<ForgeAnswer> {
  const answer = await sendToForge(place, what, method, url, body);
  if (answer.status >= 300) throw describeFailure(place, what, answer);
  return answer;
}

/**
 * Sends a request and leaves it to the caller what a refusal means.
 * @throws {ForgeError} where nobody answers
 */
export async function sendToForge(
  { forge, name, headers, url: own }: ForgePlace,
  what: string,
  method: string,
  url: string,
  body?: object,
): Promise<ForgeAnswer> {
  // The next page is where the answer says; the token goes nowhere else.
  if (new URL(url).origin !== new URL(own).origin) {
    throw new ForgeError(
      `${forge} leads from ${own} to another server, ${url}, which gets no token. See to its address.`,
    );
  }
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, value: jsonOf(text), next: nextPage(response.headers.get("link")) };
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new ForgeError(
      `Cannot ${what} ${name}: ${forge} at ${new URL(url).origin} does not answer (${reason}). ` +
        "See that this runner reaches it; a certificate authority of your own is named by NODE_EXTRA_CA_CERTS.",
    );
  }
}

/** The error that says what a refusal means, and what to do. */
export function describeFailure(
  { forge, name, right }: ForgePlace,
  what: string,
  { status, value }: Pick<ForgeAnswer, "status" | "value">,
): ForgeError {
  const said = (value as { message?: unknown } | undefined)?.message;
  const reason = typeof said === "string" ? `${status}, ${said}` : String(status);
  const variable = forge === "GitLab" ? "GITLAB_TOKEN" : "GITHUB_TOKEN";
  return new ForgeError(`Cannot ${what} ${name}: ${forge} answers ${reason}. ${remedyFor(status, variable, right)}`);
}

/**
 * Reads an answer as what it should be.
 * @throws {ForgeError} where it is something else
 */
export function readAnswer<T>({ forge, name }: ForgePlace, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ForgeError(
    `${forge} answers for ${name} with something that is nothing of the kind. See that the address of its API is right, and no proxy answers in its place.`,
  );
}

/** The URL of a list, without what it is filtered by. */
export function withoutQuery(url: string): string {
  return url.split("?")[0] ?? url;
}

function remedyFor(status: number, variable: string, right: string): string {
  if (status === 401) return `${variable} is wrong or has expired: put in a new one.`;
  if (status === 403) return `The token may not do that: ${variable} needs ${right}.`;
  if (status === 404) return `It is gone, or ${variable} may not see it: the token needs ${right}.`;
  if (status === 410) return "That is switched off there: switch it on in the project's settings.";
  if (status === 429) return "It was asked too often: run the job again later.";
  if (status >= 500) return "That is a fault of the server: run the job again.";
  return "See its log for the reason.";
}

function nextPage(link: string | null): string | undefined {
  return /<([^>]+)>;[^,]*rel="?next"?/.exec(link ?? "")?.[1];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
