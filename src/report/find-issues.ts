import type { ForgePlace } from "./ask-forge.ts";
import { findForge, type Unposted } from "./find-forge.ts";

/** Where issues of a project are read and written; the URL is that of the list of them. */
export interface IssuePlace extends ForgePlace {
  /** Where a single issue is changed, by the number that people know it by. */
  readonly issueUrl: (number: number) => string;
  /** Where comments on it are added. */
  readonly commentsUrl: (number: number) => string;
  /** What is said of an issue to the API, in its words. */
  readonly fieldsOf: (issue: IssueFields) => Readonly<Record<string, unknown>>;
  readonly method: "PUT" | "PATCH";
}

/** What is written into an issue. */
export interface IssueFields {
  readonly title?: string;
  readonly body?: string;
  readonly isOpen?: boolean;
}

/** Finds the issues of the project that a pipeline runs for. */
export function findIssues(environment: NodeJS.ProcessEnv): IssuePlace | Unposted {
  const found = findForge(environment);
  if ("reason" in found) return found;
  const url = `${found.projectUrl}/issues`;
  const place = { ...found, name: `the issues of ${found.project}`, issueUrl: (number: number) => `${url}/${number}` };
  if (found.forge === "GitHub") {
    return {
      ...place,
      right: "the permission `issues: write`",
      url: `${url}?state=all&sort=created&direction=desc&per_page=100`,
      commentsUrl: (number) => `${url}/${number}/comments`,
      fieldsOf: ({ isOpen, ...fields }) => ({
        ...fields,
        ...(isOpen === undefined ? {} : { state: isOpen ? "open" : "closed" }),
      }),
      method: "PATCH",
    };
  }
  return {
    ...place,
    right: "the scope api and the role Reporter",
    url: `${url}?scope=all&state=all&order_by=created_at&sort=desc&per_page=100`,
    commentsUrl: (number) => `${url}/${number}/notes`,
    fieldsOf: ({ title, body, isOpen }) => ({
      ...(title === undefined ? {} : { title }),
      ...(body === undefined ? {} : { description: body }),
      ...(isOpen === undefined ? {} : { state_event: isOpen ? "reopen" : "close" }),
    }),
    method: "PUT",
  };
}
