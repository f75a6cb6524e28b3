import { z } from "zod";
import { askForge, describeFailure, readAnswer, sendToForge, type ForgePlace } from "./ask-forge.ts";

const Author = z.object({ id: z.number(), type: z.string().optional() });

/** Who wrote something; GitLab and GitHub call that by other names. */
export const Authored = z.object({ author: Author.nullish(), user: Author.nullish() });

/**
 * Finds the first of our own in a list of any length. Only of our own: what somebody else wrote could be changed by them
 * later, into something that there never was.
 * @throws {ForgeError} that says what GitLab or GitHub does not let us do
 */
export async function findOwn<T extends z.infer<typeof Authored>>(
  place: ForgePlace,
  what: string,
  schema: z.ZodType<T>,
  isWanted: (item: T) => boolean,
): Promise<T | undefined> {
  const isOurs = await recognizeOwn(place);
  const seen = new Set<string>();
  for (let url: string | undefined = place.url; url !== undefined && !seen.has(url);) {
    seen.add(url);
    const { value, next } = await askForge(place, what, "GET", url);
    const found = readAnswer(place, z.array(schema), value).find((item) => isWanted(item) && isOurs(item));
    if (found !== undefined) return found;
    url = next;
  }
  return undefined;
}

/** GitHub does not tell the token of a run who it is: it is an app, and apps write as bots. */
async function recognizeOwn(place: ForgePlace): Promise<(item: z.infer<typeof Authored>) => boolean> {
  const what = "ask who may write on";
  const { status, value } = await sendToForge(place, what, "GET", place.userUrl);
  if (place.forge === "GitHub" && status === 403) return ({ user }) => user?.type === "Bot";
  if (status >= 300) throw describeFailure(place, what, { status, value });
  const { id } = readAnswer(place, Author, value);
  return ({ author, user }) => (author ?? user)?.id === id;
}
