import { z } from "zod";
import type { CommentPlace } from "./find-comments.ts";

const Author = z.object({ id: z.number(), type: z.string().optional() });
const Comment = z.object({
  id: z.number(),
  body: z.string().nullish(),
  // GitLab and GitHub call the author by other names.
  author: Author.nullish(),
  user: Author.nullish(),
});
type Comment = z.infer<typeof Comment>;

/** A comment that could not be read or written, with what to do. */
export class CommentError extends Error {
  override readonly name = "CommentError";
}

/**
 * Puts a comment in the place of an earlier one of our own that begins with the same marker, or adds it.
 * @throws {CommentError} that says what GitLab or GitHub does not let us do
 */
export async function upsertComment(place: CommentPlace, marker: string, body: string): Promise<"added" | "updated"> {
  const earlier = await findEarlier(place, marker);
  const { url, method } = place;
  if (earlier === undefined) await ask(place, "add a comment to", "POST", withoutQuery(url), { body });
  else await ask(place, "update the comment on", method, place.commentUrl(earlier.id), { body });
  return earlier === undefined ? "added" : "updated";
}

/** Only our own: what somebody else wrote could be changed by them later, into a preview that there never was. */
async function findEarlier(place: CommentPlace, marker: string): Promise<Comment | undefined> {
  const isOurs = await recognizeOwn(place);
  const seen = new Set<string>();
  for (let url: string | undefined = place.url; url !== undefined && !seen.has(url);) {
    seen.add(url);
    const { value, next } = await ask(place, "read the comments on", "GET", url);
    const comments = parse(place, z.array(Comment), value);
    const found = comments.find((comment) => comment.body?.startsWith(marker) === true && isOurs(comment));
    if (found !== undefined) return found;
    url = next;
  }
  return undefined;
}

/** GitHub does not tell the token of a run who it is: it is an app, and apps write as bots. */
async function recognizeOwn(place: CommentPlace): Promise<(comment: Comment) => boolean> {
  const { status, value } = await send(place, "ask who may write on", "GET", place.userUrl);
  if (place.forge === "GitHub" && status === 403) return ({ user }) => user?.type === "Bot";
  if (status >= 300) throw describeFailure(place, "ask who may write on", status, value);
  const { id } = parse(place, Author, value);
  return ({ author, user }) => (author ?? user)?.id === id;
}

async function ask(place: CommentPlace, what: string, method: string, url: string, body?: object) {
  const answer = await send(place, what, method, url, body);
  if (answer.status >= 300) throw describeFailure(place, what, answer.status, answer.value);
  return answer;
}

async function send(
  { forge, name, headers, url: own }: CommentPlace,
  what: string,
  method: string,
  url: string,
  body?: object,
) {
  // The next page is where the answer says; the token goes nowhere else.
  if (new URL(url).origin !== new URL(own).origin) {
    throw new CommentError(
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
    throw new CommentError(
      `Cannot ${what} ${name}: ${forge} at ${new URL(url).origin} does not answer (${reason}). ` +
        "See that this runner reaches it; a certificate authority of your own is named by NODE_EXTRA_CA_CERTS.",
    );
  }
}

function describeFailure({ forge, name }: CommentPlace, what: string, status: number, value: unknown): CommentError {
  const said = (value as { message?: unknown } | undefined)?.message;
  const reason = typeof said === "string" ? `${status}, ${said}` : String(status);
  return new CommentError(`Cannot ${what} ${name}: ${forge} answers ${reason}. ${remedyFor(forge, status)}`);
}

function remedyFor(forge: CommentPlace["forge"], status: number): string {
  const [variable, right] =
    forge === "GitLab"
      ? ["GITLAB_TOKEN", "the scope api and the role Reporter"]
      : ["GITHUB_TOKEN", "the permission `pull-requests: write`"];
  if (status === 401) return `${variable} is wrong or has expired: put in a new one.`;
  if (status === 403) return `The token may not do that: ${variable} needs ${right}.`;
  if (status === 404) return `It is gone, or ${variable} may not see it: the token needs ${right}.`;
  if (status === 429) return "It was asked too often: run the job again later.";
  if (status >= 500) return "That is a fault of the server: run the job again.";
  return "See its log for the reason.";
}

function nextPage(link: string | null): string | undefined {
  return /<([^>]+)>;[^,]*rel="?next"?/.exec(link ?? "")?.[1];
}

function parse<T>({ forge, name }: CommentPlace, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new CommentError(
    `${forge} answers for ${name} with something that is no list of comments. See that the address of its API is right, and no proxy answers in its place.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutQuery(url: string): string {
  return url.split("?")[0] ?? url;
}
