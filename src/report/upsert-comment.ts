import { z } from "zod";
import { askForge, withoutQuery } from "./ask-forge.ts";
import type { CommentPlace } from "./find-comments.ts";
import { Authored, findOwn } from "./find-own.ts";

const Comment = Authored.extend({ id: z.number(), body: z.string().nullish() });

/**
 * Puts a comment in the place of an earlier one of our own that begins with the same marker, or adds it.
 * @throws {ForgeError} that says what GitLab or GitHub does not let us do
 */
export async function upsertComment(place: CommentPlace, marker: string, body: string): Promise<"added" | "updated"> {
  const begins = (comment: z.infer<typeof Comment>) => comment.body?.startsWith(marker) === true;
  const earlier = await findOwn(place, "read the comments on", Comment, begins);
  const { url, method } = place;
  if (earlier === undefined) await askForge(place, "add a comment to", "POST", withoutQuery(url), { body });
  else await askForge(place, "update the comment on", method, place.commentUrl(earlier.id), { body });
  return earlier === undefined ? "added" : "updated";
}
