import { z } from "zod";
import { askForge, readAnswer, withoutQuery } from "./ask-forge.ts";
import type { IssuePlace } from "./find-issues.ts";
import { Authored, findOwn } from "./find-own.ts";

const Issue = Authored.extend({
  /** GitLab numbers the issues of a project by this, and calls the text so. */
  iid: z.number().optional(),
  number: z.number().optional(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  body: z.string().nullish(),
  state: z.string(),
  /** Present where GitHub lists a pull request among the issues. */
  pull_request: z.unknown().optional(),
});
type Issue = z.infer<typeof Issue>;

/** What an issue should say, or why it is to be closed; in either case by what it is found again. */
export type Wanted =
  | { readonly kind: "open"; readonly marker: string; readonly title: string; readonly body: string }
  | { readonly kind: "closed"; readonly marker: string; readonly comment: string };

/** What was done to the issue, if there is one. */
export interface KeptIssue {
  readonly done: "opened" | "reopened" | "updated" | "closed" | "as it was";
  readonly number?: number;
}

/**
 * Keeps one issue of our own, which begins with the marker: opens it, brings it up to date, opens it again, or closes it.
 * @throws {ForgeError} that says what GitLab or GitHub does not let us do
 */
export async function keepIssue(place: IssuePlace, wanted: Wanted): Promise<KeptIssue> {
  const issue = await findOwn(place, "read", Issue, (one) => isMarked(one, wanted.marker));
  return wanted.kind === "open" ? open(place, issue, wanted) : close(place, issue, wanted);
}

async function open(place: IssuePlace, issue: Issue | undefined, { title, body }: Wanted & { kind: "open" }) {
  if (issue === undefined) {
    // Only GitLab has issues that not everybody sees who sees the project.
    const fields = { ...place.fieldsOf({ title, body }), ...(place.forge === "GitLab" ? { confidential: true } : {}) };
    const { value } = await askForge(place, "add to", "POST", withoutQuery(place.url), fields);
    return kept("opened", readAnswer(place, Issue, value));
  }
  const wasOpen = isOpen(issue);
  if (wasOpen && issue.title === title && textOf(issue) === body.trimEnd()) return kept("as it was", issue);
  await change(place, issue, { title, body, ...(wasOpen ? {} : { isOpen: true }) });
  return kept(wasOpen ? "updated" : "reopened", issue);
}

async function close(place: IssuePlace, issue: Issue | undefined, { comment }: Wanted & { kind: "closed" }) {
  if (issue === undefined || !isOpen(issue)) return { done: "as it was" as const };
  const url = place.commentsUrl(numberOf(issue));
  await askForge(place, `comment on #${numberOf(issue)} among`, "POST", url, { body: comment });
  await change(place, issue, { isOpen: false });
  return kept("closed", issue);
}

async function change(place: IssuePlace, issue: Issue, fields: Parameters<IssuePlace["fieldsOf"]>[0]): Promise<void> {
  const number = numberOf(issue);
  await askForge(place, `change #${number} among`, place.method, place.issueUrl(number), place.fieldsOf(fields));
}

function isMarked(issue: Issue, marker: string): boolean {
  return issue.pull_request === undefined && textOf(issue).startsWith(marker);
}

function textOf({ description, body }: Issue): string {
  return (description ?? body ?? "").replaceAll("\r\n", "\n").trimEnd();
}

/** GitLab says `opened`, GitHub `open`. */
function isOpen({ state }: Issue): boolean {
  return state.startsWith("open");
}

function numberOf({ iid, number }: Issue): number {
  return iid ?? number ?? 0;
}

function kept(done: KeptIssue["done"], issue: Issue): KeptIssue {
  return { done, number: numberOf(issue) };
}
